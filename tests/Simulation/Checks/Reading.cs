using Agora.Core.Conversations;
using Agora.Journal;

namespace Agora.Simulation.Checks;

/// <summary>
/// What an agent is told, page after page: in order, of each conversation with rising numbers, nothing twice, nothing left out that it was to hear, nothing that is not committed, and nothing of what it is
/// no member of. Whose membership changed while a page was read may be told by either.
/// </summary>
public sealed class Reading(Conversations conversations, Findings findings)
{
    /// <summary>Pages that told something.</summary>
    public int Pages { get; private set; }

    public int Told { get; private set; }

    /// <summary>One reader going on from cursor to cursor.</summary>
    /// <param name="place">Where it begins.</param>
    public sealed class Walk(string agent, (RowPlace Row, int Index) place)
    {
        public string Agent => agent;

        public (RowPlace Row, int Index) Place { get; set; } = place;

        public Dictionary<string, long> Numbers { get; } = new(StringComparer.Ordinal);
    }

    /// <param name="next">Where the reader goes on.</param>
    public void Page(Walk walk, IReadOnlyList<PlacedEntry> told, (RowPlace Row, int Index) next)
    {
        var from = walk.Place;
        findings.Expect(Order.Compare(next, from) >= 0, $"{walk.Agent} read on from {Say(from)} and is to go on at {Say(next)}.");
        var before = from;
        foreach (var entry in told)
        {
            findings.Expect(Order.Compare(entry.Place, before) > 0 && Order.Compare(entry.Place, next) <= 0, $"{walk.Agent} was told #{entry.Number} of {entry.Id} at {Say(entry.Place)}, after {Say(before)}, on a page up to {Say(next)}.");
            findings.Expect(entry.Number > walk.Numbers.GetValueOrDefault(entry.Id), $"{walk.Agent} was told #{entry.Number} of {entry.Id} after #{walk.Numbers.GetValueOrDefault(entry.Id)}.");
            Look(walk.Agent, entry);
            (before, walk.Numbers[entry.Id]) = (entry.Place, entry.Number);
        }

        var heard = told.Select(entry => (entry.Id, entry.Number)).ToHashSet();
        foreach (var entry in Between(from, next).Where(entry => MustHear(walk.Agent, entry, next)))
        {
            findings.Expect(heard.Contains((entry.Id, entry.Number)), $"{walk.Agent} was not told #{entry.Number} of {entry.Id}, at {Say(entry.Place)}, on a page from {Say(from)} to {Say(next)}.");
        }

        walk.Place = next;
        Told += told.Count;
        Pages += told.Count > 0 ? 1 : 0;
    }

    /// <summary>It is told nothing more, and all is at rest.</summary>
    public void Over(Walk walk)
    {
        foreach (var entry in conversations.Entries.Skip(FirstBehind(walk.Place)).Where(entry => MustHear(walk.Agent, entry, entry.Place)))
        {
            findings.Add($"{walk.Agent} is told nothing more behind {Say(walk.Place)}, and #{entry.Number} of {entry.Id} is at {Say(entry.Place)}.");
        }
    }

    private void Look(string agent, PlacedEntry told)
    {
        var talk = conversations.Find(told.Id);
        var known = talk?.Entries.ElementAtOrDefault((int)told.Number - 1);
        findings.Expect(known is not null && known.Place == told.Place && known.Text == told.Text && known.At == told.At, $"{agent} was told #{told.Number} of {told.Id}, {told.Text}, and committed is {known?.Text ?? "nothing"}.");
        if (known is null) return;

        findings.Expect(
            known.IsTold(agent) && talk!.From(agent, told.Place).Any(standing => standing.Hears(told.Number)),
            $"{agent}, which is {talk!.Now(agent)?.Name ?? "nobody"} there, was told #{told.Number} of {told.Id}: {told.Text}.");
        if (told.Happened is ConversationEvent.Said { Content: var content } && known.Happened is ConversationEvent.Said { Content: var said })
        {
            findings.Expect(content is null ? talk!.IsErased : content.Utf8.Span.SequenceEqual(said!.Utf8.Span), $"{agent} was told something else than was said in #{told.Number} of {told.Id}.");
        }
    }

    private bool MustHear(string agent, PlacedEntry entry, (RowPlace Row, int Index) upTo) =>
        entry.IsTold(agent) && conversations.Find(entry.Id)!.From(agent, upTo).ToList() is { Count: > 0 } standings && standings.All(standing => standing.Hears(entry.Number));

    private IEnumerable<PlacedEntry> Between((RowPlace Row, int Index) from, (RowPlace Row, int Index) to) =>
        conversations.Entries.Skip(FirstBehind(from)).TakeWhile(entry => Order.Compare(entry.Place, to) <= 0);

    private int FirstBehind((RowPlace Row, int Index) place)
    {
        var (low, high) = (0, conversations.Entries.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = Order.Compare(conversations.Entries[middle].Place, place) <= 0 ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private static string Say((RowPlace Row, int Index) place) => $"{place.Row.Position}/{place.Row.Stream} #{place.Row.Seq}.{(place.Index == int.MaxValue ? "" : place.Index)}";
}
