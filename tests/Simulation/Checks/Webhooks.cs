using Agora.Core.Kernel;
using Agora.Core.Refunds;
using Agora.Core.Runs;
using Agora.Core.Users;
using Agora.Core.Webhooks;

namespace Agora.Simulation.Checks;

/// <summary>
/// Whatever happens of what an endpoint wants to be told is told to it, of each stream in its order: nothing is told before all that happened there before it was taken. The same event has the
/// same id, and only what is committed is told. What is given up, as after a day, need not be taken: where time is advanced that is soon.
/// </summary>
public sealed class Webhooks(Findings findings) : IChecker
{
    private readonly SortedDictionary<string, SortedDictionary<long, List<string>>> _happened = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, HashSet<(long Seq, string Type)>> _took = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string Subject, long Seq)> _ids = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _idOf = new(StringComparer.Ordinal);
    private bool _tells;

    public int Count => _ids.Count;

    /// <summary>It is told nothing until somebody puts it again.</summary>
    public bool IsDisabled { get; private set; }

    public void Happened(Committed committed)
    {
        _tells |= committed.Event is WebhookEvent.DefinitionPut;
        IsDisabled = committed.Event is WebhookEvent.Disabled || (IsDisabled && committed.Event is not WebhookEvent.DefinitionPut);
        foreach (var given in committed.Event is WebhookEvent.Told told ? told.Deliveries.Where(delivery => delivery.GivenUp) : [])
        {
            Of(_took, WebhookTables.Subject(StreamId.Parse(given.Stream))).Add((given.Place.Seq, given.Type));
        }

        var type = committed.Event switch
        {
            RunEvent.Concluded { Posted: true, WhyFailed: null } => "run.succeeded",
            RunEvent.Concluded or RunEvent.WaitEnded => "run.failed",
            UserEvent.TaskCompleted => "task.completed",
            RefundEvent.Accepted => "refund.accepted",
            _ => null,
        };
        if (!_tells || type is null) return;

        var stream = Of(_happened, WebhookTables.Subject(committed.Stream));
        if (!stream.TryGetValue(committed.Seq, out var types))
        {
            stream.Add(committed.Seq, types = []);
        }

        types.Add(type);
    }

    /// <summary>By the endpoint.</summary>
    public void Took(string id, string body, string type, string subject, long seq)
    {
        var happened = Of(_happened, subject);
        findings.Expect(happened.TryGetValue(seq, out var types) && types.Contains(type), $"{type} of {subject} #{seq} was told, and is not committed.");
        findings.Expect(!_ids.TryGetValue(id, out var known) || known == (subject, seq), $"{id} is of {known} and of {subject} #{seq}.");
        _ids[id] = (subject, seq);
        var first = _idOf.TryAdd(body, id) ? id : _idOf[body];
        findings.Expect(first == id, $"{type} of {subject} #{seq} was told as {first}, and again as {id}.");
        Of(_took, subject).Add((seq, type));
        foreach (var (before, missing) in happened.TakeWhile(row => row.Key < seq).SelectMany(row => row.Value.Select(type => (row.Key, type))))
        {
            findings.Expect(_took[subject].Contains((before, missing)), $"{type} of {subject} #{seq} was told before {missing} of #{before} was taken.");
        }
    }

    /// <summary>Whatever waited was due long ago.</summary>
    public void Over()
    {
        foreach (var (subject, seq, type) in _happened.SelectMany(stream => stream.Value.SelectMany(row => row.Value.Select(type => (stream.Key, row.Key, type)))))
        {
            findings.Expect(Of(_took, subject).Contains((seq, type)), $"{type} of {subject} #{seq} was never taken.");
        }
    }

    private static TValue Of<TValue>(SortedDictionary<string, TValue> all, string key)
        where TValue : new()
    {
        if (!all.TryGetValue(key, out var value))
        {
            all.Add(key, value = new());
        }

        return value;
    }
}
