using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Upstreams;

namespace Agora.Simulation.Cluster;

/// <summary>How one process asks upstreams' streams what may be called, remembered for the checker: how old what it goes by may be.</summary>
public sealed class AskingUpstreams(Entities entities, TimeProvider time) : IEntities
{
    /// <summary>What a process was told it goes by for so long, and longer only where the stream cannot be reached.</summary>
    private static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(1);

    private readonly Dictionary<StreamId, List<Asked>> _asked = [];

    public EntityRef<TCommand> Of<TCommand>(StreamId stream)
        where TCommand : class => new(stream, Send);

    /// <summary>As of when what is called just now may be what the stream said: an answer that comes just now is to a question that was asked then. Null: nothing was said that could be gone by.</summary>
    public DateTimeOffset? Since(StreamId upstream)
    {
        var now = time.GetUtcNow();
        var asked = _asked.GetValueOrDefault(upstream) ?? [];
        List<DateTimeOffset> said = [.. asked.Where(a => a.ToldAt is not null && (a.ToldAt == now || now - a.At < FreshFor)).Select(a => a.At)];
        foreach (var unheard in asked.Where(a => a.ToldAt is null && (a.FailedAt is null || now - a.FailedAt < FreshFor)))
        {
            said.AddRange(asked.Where(a => a.ToldAt <= unheard.At).TakeLast(1).Select(a => a.At));
        }

        return said.Count == 0 ? null : said.Min();
    }

    private async Task<Envelope> Send(StreamId stream, Envelope envelope, CancellationToken cancel)
    {
        if (envelope.Body is not UpstreamCommand.GetAccess) return await entities.Send(stream, envelope, cancel);

        if (!_asked.TryGetValue(stream, out var all))
        {
            _asked.Add(stream, all = []);
        }

        var asked = new Asked(time.GetUtcNow());
        all.Add(asked);
        var answer = await entities.Send(stream, envelope, cancel);
        if (answer.Body is Answer)
        {
            asked.ToldAt = time.GetUtcNow();
            all.Remove(asked); // in the order of what was told
            all.Add(asked);
        }
        else
        {
            asked.FailedAt = time.GetUtcNow();
        }

        return answer;
    }

    private sealed class Asked(DateTimeOffset at)
    {
        public DateTimeOffset At { get; } = at;

        public DateTimeOffset? ToldAt { get; set; }

        public DateTimeOffset? FailedAt { get; set; }
    }
}
