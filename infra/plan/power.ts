/** Name of the secret by which a host may take the power of another one away. */
export const powerPassword = 'power-password';
