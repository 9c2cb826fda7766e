using Agora.Core.Conversations;
using Agora.Core.Kernel;
using Agora.Journal;

namespace Agora.Simulation.Checks;

/// <summary>
/// A conversation's entries are numbered without gaps; a message is in it once, said by somebody who may speak, and not more than may wait; a request is unanswered and a message dead at its time
/// and not before; of a closed one nothing is left; what is counted of a day is what happened on it, and is counted once the day is over (<see cref="Talk"/>). What is asked on behalf of others says of whom, as the request has it that is served, and comes back to none of them. What an agent is told of all of them is <see cref="Reading"/>'s.
/// </summary>
public sealed class Conversations(Findings findings, Func<StreamId, long, RowPlace> placeOf, Func<DateTimeOffset> now) : IChecker
{
    /// <summary>What is due is looked after that late.</summary>
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(60);

    private readonly SortedDictionary<string, Talk> _talks = new(StringComparer.Ordinal);

    private readonly Dictionary<string, (string Talk, string MessageId)> _serving = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Talk, string MessageId), IReadOnlyList<string>> _asked = [];

    /// <summary>Requests that serve another.</summary>
    public int Delegated { get; private set; }

    /// <summary>In the order of the feed.</summary>
    public List<PlacedEntry> Entries { get; } = [];

    public IReadOnlyCollection<Talk> All => _talks.Values;

    public Talk? Find(string id) => _talks.GetValueOrDefault(id);

    /// <summary>Somebody is about to say a request that serves another.</summary>
    public void Serves(string messageId, string talk, string served) => _serving[messageId] = (talk, served);

    public void Happened(Committed committed)
    {
        if (committed.Event is not ConversationEvent) return;

        if (!_talks.TryGetValue(committed.Stream.Id, out var talk))
        {
            _talks.Add(committed.Stream.Id, talk = new(committed.Stream, findings));
        }

        if (committed.Event is ConversationEvent.Said { ReplyBy: not null } request)
        {
            Trace(committed.Stream.Id, talk, request);
        }

        if (talk.Happened(committed, placeOf(committed.Stream, committed.Seq)) is { } entry)
        {
            Entries.Add(entry);
        }
    }

    // What runs ask says on whose behalf their session knows.
    private void Trace(string id, Talk talk, ConversationEvent.Said request)
    {
        IReadOnlyList<string> path = request.Path ?? [];
        if (!Talk.IsOfRuns(talk.Limits))
        {
            var whom = _serving.TryGetValue(request.MessageId, out var served) ? _asked.GetValueOrDefault(served) : [];
            findings.Expect(whom is not null && path.SequenceEqual(whom), $"{request.MessageId} in {id} is asked on behalf of {string.Join(", ", path)}, and it was of {string.Join(", ", whom ?? [])}.");
            Delegated += path.Count > 0 ? 1 : 0;
        }

        findings.Expect(path.Count <= TalkLimits.Path && !path.Contains(request.From) && !path.Any(agent => talk.Now(agent)?.MaySpeak is true), $"{request.MessageId} in {id} is asked by {request.From} on behalf of {string.Join(", ", path)}, and comes back to one of them, or is too many hands deep.");
        _asked[(id, request.MessageId)] = [.. path, request.From];
    }

    public void Rest()
    {
        foreach (var talk in _talks.Values) talk.Rest(now() - Late);
    }
}
