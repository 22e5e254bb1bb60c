/**
 * Erlang that defines `Messages(Q)`: how many messages a queue holds now, delivered but
 * unacknowledged ones included; null where it does not answer.
 *
 * The management API counts every 5 s, which is too old to decide about a deletion: this asks the
 * queues themselves. A quorum queue's own figures are that old too, so its leader's state is asked.
 * A stream's are as well, and on all brokers but its leader's they are 0 for ever: the counters of
 * its log are asked where the leader is.
 */
export const defineMessages = [
  'Messages = fun(Q) -> try case amqqueue:get_type(Q) of',
  '  rabbit_quorum_queue ->',
  '    {ok, {_, N}, _} = ra:leader_query(amqqueue:get_pid(Q),',
  '      fun rabbit_fifo:query_messages_total/1, 5000), N;',
  '  rabbit_stream_queue ->',
  '    Logs = erpc:call(node(amqqueue:get_pid(Q)), osiris_counters, overview, [], 5000),',
  '    #{offset := Last, first_offset := First} =',
  '      maps:get({osiris_writer, amqqueue:get_name(Q)}, Logs),',
  '    max(0, Last - First + 1);',
  '  _ -> [{messages, N}] = rabbit_amqqueue:info(Q, [messages]), N',
  'end catch _:_ -> null end end,',
].join('\n');
