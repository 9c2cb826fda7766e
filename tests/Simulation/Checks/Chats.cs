using Agora.Core.Chats;
using Agora.Core.Responses;
using Agora.Core.Runs;
using Agora.Core.Users;

namespace Agora.Simulation.Checks;

/// <summary>
/// Chats: what is said once is one turn, a turn has one reply that is paid, and that run's model is called when its place is durable. What is shown of a reply is durable, in order, and all of it where it is whole; nothing follows its end.
/// </summary>
public sealed class Chats(Findings findings) : IChecker
{
    private readonly Dictionary<(string Chat, Guid Id), int> _said = [];
    private readonly Dictionary<Guid, (string Chat, int Turn)> _places = [];
    private readonly Dictionary<(string Chat, int Turn), Guid> _paid = [];
    private readonly Dictionary<string, int> _parts = [];
    private readonly HashSet<string> _over = [];
    private readonly Dictionary<Guid, int> _written = [];

    public int Said => _said.Count;

    public int Shown { get; private set; }

    /// <summary>Chats that there are, by whose they are.</summary>
    public Dictionary<string, List<Guid>> Known { get; } = [];

    public void Happened(Committed committed)
    {
        switch (committed.Event)
        {
            case ChatEvent.Asked e:
                findings.Expect(_said.TryAdd((committed.Stream.Id, e.Id), e.Number), $"Turn {e.Number} of {committed.Stream} says what was said in turn {_said[(committed.Stream.Id, e.Id)]}.");
                Place(committed.Stream.Id, e.Number, e.Reply.RunId);
                break;
            case ChatEvent.RepliedAnew e:
                Place(committed.Stream.Id, e.Number, e.Reply.RunId);
                break;
            case RunEvent.Concluded { Posted: true } e when _places.TryGetValue(e.RunId, out var place):
                findings.Expect(_paid.TryAdd(place, e.RunId), $"Turn {place.Turn} of {place.Chat} is paid by run {e.RunId}, and was by run {_paid[place]}.");
                break;
            case ResponseEvent.Said e:
                var parts = _parts.GetValueOrDefault(committed.Stream.Id);
                findings.Expect(e.Number == parts && !_over.Contains(committed.Stream.Id), $"Part {e.Number} of {committed.Stream} follows {parts} others, or its end.");
                _parts[committed.Stream.Id] = e.Number + 1;
                break;
            case ResponseEvent.Ended e:
                findings.Expect(_over.Add(committed.Stream.Id), $"{committed.Stream} ends twice.");
                var (run, said) = (Guid.Parse(OwnedIds.OwnOf(committed.Stream.Id)), _parts.GetValueOrDefault(committed.Stream.Id));
                findings.Expect(e.FailureCode is not null || said == _written.GetValueOrDefault(run), $"{committed.Stream} is whole with {said} parts, and its model wrote {_written.GetValueOrDefault(run)}.");
                break;
        }
    }

    /// <summary>A model is called for this run, and will write so much.</summary>
    public void Calls(Guid run, int parts)
    {
        findings.Expect(_places.ContainsKey(run), $"A model is called for run {run}, which has no place in a chat.");
        _written[run] = parts;
    }

    /// <summary>A client has seen so many parts.</summary>
    public void Sees(string response, int parts)
    {
        Shown++;
        findings.Expect(parts <= _parts.GetValueOrDefault(response), $"{parts} parts of {response} are shown, and {_parts.GetValueOrDefault(response)} are durable.");
    }

    private void Place(string chat, int turn, Guid run) => findings.Expect(_places.TryAdd(run, (chat, turn)), $"Run {run} is to reply in two turns.");
}
