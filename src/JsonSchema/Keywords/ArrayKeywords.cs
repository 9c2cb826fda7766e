using System.Text.Json;
using Agora.JsonSchema.Evaluating;
using Agora.JsonSchema.Values;

namespace Agora.JsonSchema.Keywords;

internal sealed class ItemCountKeyword(string name, int limit) : Assertion(name)
{
    private readonly bool _upper = name == "maxItems";

    protected override bool Holds(JsonElement value, ValidationRun run) =>
        value.ValueKind != JsonValueKind.Array || (_upper ? value.GetArrayLength() <= limit : value.GetArrayLength() >= limit);

    protected override string Message(JsonElement value) =>
        $"Must have at {(_upper ? "most" : "least")} {Words.Count(limit, "item")}, has {value.GetArrayLength()}.";
}

/// <summary>
/// Chains items of the same hash and compares only along a chain: linear, unless hashes collide, which the budget bounds.
/// </summary>
internal sealed class UniqueItemsKeyword() : Keyword("uniqueItems")
{
    // Hashing and keeping an item takes about as long as visiting this many.
    private const int ItemWork = 4;

    public override bool Evaluate(JsonElement value, InstancePath? path, EvaluatedParts? seen, ValidationRun run)
    {
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() < 2)
            return true;
        int count = value.GetArrayLength();
        if (!run.Spend((int)Math.Min(int.MaxValue, (long)count * ItemWork)))
            return false;
        var kept = new (JsonElement Item, int Previous)[count];
        var last = new Dictionary<ulong, int>(count);
        bool unique = true;
        int index = 0;
        foreach (var item in value.EnumerateArray())
        {
            ulong hash = JsonEquality.Hash(item, run);
            kept[index] = (item, last.TryGetValue(hash, out int previous) ? previous : -1);
            int equal = FindEqual(kept, index, run);
            if (run.Stopped)
                return false;
            if (equal >= 0)
            {
                if (!run.Collects)
                    return false;
                unique = run.Report(InstancePath.Item(run, path, index), Name, $"Repeats item {equal} of the array: items must differ.");
            }
            last[hash] = index++;
        }
        return unique;
    }

    private static int FindEqual((JsonElement Item, int Previous)[] kept, int index, ValidationRun run)
    {
        int other = kept[index].Previous;
        while (other >= 0 && !JsonEquality.Equal(kept[other].Item, kept[index].Item, run) && !run.Stopped)
            other = kept[other].Previous;
        return other;
    }
}

/// <summary>`prefixItems` and `items`: every item has one schema at most.</summary>
internal sealed class ItemsKeyword(SchemaNode[] prefix, SchemaNode? rest) : Keyword("items")
{
    public override bool Evaluate(JsonElement value, InstancePath? path, EvaluatedParts? seen, ValidationRun run)
    {
        if (value.ValueKind != JsonValueKind.Array)
            return true;
        bool valid = true;
        int index = 0;
        foreach (var item in value.EnumerateArray())
        {
            var schema = index < prefix.Length ? prefix[index] : rest;
            if (schema is null)
                break;
            seen?.Add(index);
            if (!schema.Evaluate(item, InstancePath.Item(run, path, index), null, run))
            {
                valid = false;
                if (!run.Collects || run.Stopped)
                    return false;
            }
            index++;
        }
        return valid;
    }
}

/// <summary>`contains` with `minContains` and `maxContains`.</summary>
internal sealed class ContainsKeyword(SchemaNode schema, int min, int max) : Keyword("contains")
{
    public override bool Evaluate(JsonElement value, InstancePath? path, EvaluatedParts? seen, ValidationRun run)
    {
        if (value.ValueKind != JsonValueKind.Array)
            return true;
        int index = 0, found = 0;
        foreach (var item in value.EnumerateArray())
        {
            if (run.Stopped)
                return false;
            if (run.Probe(schema, item, null))
            {
                found++;
                seen?.Add(index);
                // Nothing further can change the answer, unless somebody asks which items matched.
                if (found >= min && max == int.MaxValue && seen is null)
                    return true;
            }
            index++;
        }
        if (found < min)
            return run.Collects && run.Report(path, min == 1 ? Name : "minContains", $"At least {Words.Count(min, "item")} must match the schema under \"contains\"; {found} of {index} do.");
        if (found > max)
            return run.Collects && run.Report(path, "maxContains", $"At most {Words.Count(max, "item")} may match the schema under \"contains\"; {found} of {index} do.");
        return true;
    }
}
