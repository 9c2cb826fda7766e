using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Agora.Benchmarks.Messages;

/// <param name="Connections">For sending, and as many for reading; the queues are spread over them.</param>
/// <param name="Prefetch">Messages of a queue that its reader may have without having acknowledged them.</param>
internal sealed record RabbitOptions(int Connections, int Prefetch)
{
    public override string ToString() => $"{Connections} connections that send and {Connections} that read, {Prefetch} messages unacknowledged a reader";
}

/// <summary>A durable queue a mailbox. Each connection has one channel: of those that read it has a consumer for each of its queues.</summary>
internal sealed class RabbitMailboxes : IMailboxes
{
    private static readonly BasicProperties Persistent = new() { DeliveryMode = DeliveryModes.Persistent };
    private readonly List<IConnection> _connections = [];
    private readonly List<IChannel> _senders = [];
    private readonly List<IChannel> _readers = [];
    private readonly string[] _queues;
    private readonly RabbitOptions _options;

    private RabbitMailboxes(int count, RabbitOptions options) => (_queues, _options) = ([.. Enumerable.Range(0, count).Select(n => $"mailbox-{count}-{n}")], options);

    public static async Task<RabbitMailboxes> Open(ConnectionFactory factory, int count, RabbitOptions options)
    {
        var mailboxes = new RabbitMailboxes(count, options);
        for (var n = 0; n < options.Connections; n++)
        {
            mailboxes._senders.Add(await mailboxes.Channel(factory, new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true, outstandingPublisherConfirmationsRateLimiter: null)));
            mailboxes._readers.Add(await mailboxes.Channel(factory, new(publisherConfirmationsEnabled: false, publisherConfirmationTrackingEnabled: false)));
        }

        foreach (var queue in mailboxes._queues) await mailboxes._readers[0].QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false);
        return mailboxes;
    }

    public async Task Read(Action<ReadOnlyMemory<byte>> received)
    {
        for (var n = 0; n < _queues.Length; n++)
        {
            var channel = _readers[n % _readers.Count];
            var consumer = new AsyncEventingBasicConsumer(channel);
            consumer.ReceivedAsync += async (_, message) =>
            {
                received(message.Body);
                await channel.BasicAckAsync(message.DeliveryTag, multiple: false);
            };
            await channel.BasicQosAsync(0, (ushort)_options.Prefetch, global: false);
            await channel.BasicConsumeAsync(_queues[n], autoAck: false, consumer);
        }
    }

    public async Task Send(int mailbox, ReadOnlyMemory<byte> body) => await _senders[mailbox % _senders.Count].BasicPublishAsync("", _queues[mailbox], mandatory: true, Persistent, body);

    public async ValueTask DisposeAsync()
    {
        foreach (var queue in _queues) await _senders[0].QueueDeleteAsync(queue);
        foreach (var connection in _connections) await connection.DisposeAsync();
    }

    private async Task<IChannel> Channel(ConnectionFactory factory, CreateChannelOptions options)
    {
        _connections.Add(await factory.CreateConnectionAsync());
        return await _connections[^1].CreateChannelAsync(options);
    }
}
