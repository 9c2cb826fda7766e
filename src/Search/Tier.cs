namespace Agora.Search;

/// <summary>
/// The documents of one term that score alike by it: they hold it as often, and are as long, so they do whatever else the index holds. Slots are in the order of ids.
/// </summary>
internal readonly record struct Tier(uint Frequency, int Length, int[] Slots)
{
    public static Tier[] Of(ReadOnlySpan<uint> entries, Row[] rows)
    {
        var alike = new Dictionary<(uint Frequency, int Length), List<int>>();
        foreach (uint entry in entries)
        {
            int slot = Postings.Slot(entry);
            var key = (Postings.Frequency(entry), rows[slot].Length);
            if (!alike.TryGetValue(key, out var slots))
            {
                alike.Add(key, slots = []);
            }

            slots.Add(slot);
        }

        return [.. alike.Select(tier => new Tier(tier.Key.Frequency, tier.Key.Length, ById(tier.Value, rows)))];
    }

    private static int[] ById(List<int> slots, Row[] rows)
    {
        int[] ordered = [.. slots];
        Array.Sort(Array.ConvertAll(ordered, slot => rows[slot].Rank), ordered);
        return ordered;
    }
}
