# What one broker's definitions may bring to another broker.

# Links name brokers and credentials of the place they were made in, and some global parameters name
# the cluster itself: these stay. The same rule as carryDefinitions in infra/operations/service.
def carried:
  (if has("parameters") then
    .parameters |= map(select(.component != "shovel" and (.component | startswith("federation") | not)))
  else . end)
  | (if has("global_parameters") then
    .global_parameters |= map(select(
      .name | IN("cluster_name", "internal_cluster_id", "cluster_tags",
        "imported_definition_hash_value") | not))
  else . end);

# The documents to import, one after the other. RabbitMQ takes topic permissions before exchanges, and
# with Khepri up to 4.1 an exchange that one named before can never be made (rabbitmq-server #14407).
def in_order:
  del(.topic_permissions), ({ topic_permissions } | select(.topic_permissions // [] | length > 0));

# What is new or otherwise than in another export; what is only in the other one says nothing. The
# queue by which brokers take turns at a restart belongs to one broker.
def since($before):
  with_entries(
    select(.value | type == "array")
    | .key as $section
    | .value |= map(select((.name | tostring | startswith("rabbitmq-ha-kit.")) | not))
      - ($before[$section] // [])
    | select(.value != []));
