using Agora.Journal;

namespace Agora.Replay.Checking;

/// <summary>Rows of query tables that one stream makes. Of those that it replaces soon, only the last is said.</summary>
internal sealed class StreamRows(TableFacts facts, int stream, Action<Fact> says)
{
    private const int Remembered = 4_096;

    private readonly Dictionary<UInt128, Fact> _last = [];

    public void Add(IReadOnlyList<OwnedUpsert> rows)
    {
        foreach (var row in Upserts.LastOfEach(rows))
        {
            var fact = facts.Follows(row, stream);
            _last[fact.About] = fact;
            if (_last.Count == Remembered)
            {
                End();
            }
        }
    }

    public void End()
    {
        foreach (var fact in _last.Values) says(fact);
        _last.Clear();
    }
}
