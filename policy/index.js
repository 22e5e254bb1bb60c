// Plain JavaScript: Pulumi's starter of policy packs puts a compiler of its own before `.ts` files.
import './pack.ts';
