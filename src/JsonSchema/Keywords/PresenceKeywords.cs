using System.Text.Json;
using Agora.JsonSchema.Evaluating;
using Agora.JsonSchema.Values;

namespace Agora.JsonSchema.Keywords;

/// <summary>
/// A list of member names and which of them an object has, found in one walk over the object: looking each name up would
/// cost names × members, and both are the author's to choose.
/// </summary>
internal sealed class NameSet
{
    private const int OnStack = 8;
    private readonly string[] _names;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _index;

    public NameSet(IEnumerable<string> names)
    {
        _names = [.. names.Distinct(StringComparer.Ordinal)];
        _index = _names.Select((name, i) => KeyValuePair.Create(name, i)).ToDictionary(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public int Count => _names.Length;

    public string this[int index] => _names[index];

    /// <summary>Sets the bit of every name that the object has, and answers how many those are.</summary>
    public int Find(JsonElement value, Span<ulong> found, ValidationRun run)
    {
        int count = 0;
        foreach (var member in value.EnumerateObject())
        {
            var raw = JsonText.RawName(member);
            if (!run.Spend(1 + raw.Length / 64))
                return 0;
            int index = IndexOf(raw);
            if (index < 0 || Has(found, index))
                continue;
            found[index / 64] |= 1UL << (index % 64);
            count++;
        }
        return count;
    }

    public static bool Has(ReadOnlySpan<ulong> found, int index) => (found[index / 64] & (1UL << (index % 64))) != 0;

    public Span<ulong> Bits(Span<ulong> stack) => Count <= OnStack * 64 ? stack : new ulong[Count / 64 + 1];

    private int IndexOf(ReadOnlySpan<byte> raw) =>
        _index.TryGetValue(JsonText.Decode(raw, stackalloc char[JsonText.ScratchLength]), out int index) ? index : -1;
}

internal sealed class RequiredKeyword(NameSet names) : Keyword("required")
{
    public override bool Evaluate(JsonElement value, InstancePath? path, EvaluatedParts? seen, ValidationRun run)
    {
        if (value.ValueKind != JsonValueKind.Object)
            return true;
        Span<ulong> stack = stackalloc ulong[8];
        var found = names.Bits(stack);
        if (names.Find(value, found, run) == names.Count)
            return true;
        for (int i = 0; run.Collects && !run.Stopped && i < names.Count; i++)
        {
            if (!NameSet.Has(found, i))
                run.Report(path, Name, $"The member {Words.Quote(names[i])} is missing: add it.");
        }
        return false;
    }
}

internal sealed class DependentRequiredKeyword : Keyword
{
    private readonly NameSet _names;
    private readonly (int Trigger, int[] Required)[] _rules;

    public DependentRequiredKeyword(IReadOnlyList<(string Trigger, string[] Required)> rules) : base("dependentRequired")
    {
        _names = new NameSet(rules.SelectMany(r => r.Required.Prepend(r.Trigger)));
        var index = Enumerable.Range(0, _names.Count).ToDictionary(i => _names[i], StringComparer.Ordinal);
        _rules = [.. rules.Select(r => (index[r.Trigger], Array.ConvertAll(r.Required, name => index[name])))];
    }

    public override bool Evaluate(JsonElement value, InstancePath? path, EvaluatedParts? seen, ValidationRun run)
    {
        if (value.ValueKind != JsonValueKind.Object)
            return true;
        Span<ulong> stack = stackalloc ulong[8];
        var found = _names.Bits(stack);
        _names.Find(value, found, run);
        bool valid = true;
        foreach (var (trigger, required) in _rules)
        {
            if (!NameSet.Has(found, trigger))
                continue;
            foreach (int name in required)
            {
                if (NameSet.Has(found, name))
                    continue;
                valid = run.Collects && run.Report(path, Name, $"The member {Words.Quote(_names[name])} is missing: it is needed because {Words.Quote(_names[trigger])} is there.");
                if (!run.Collects)
                    return false;
            }
        }
        return valid && !run.Stopped;
    }
}

internal sealed class DependentSchemasKeyword(NameSet triggers, SchemaNode[] schemas) : Keyword("dependentSchemas")
{
    public override bool Evaluate(JsonElement value, InstancePath? path, EvaluatedParts? seen, ValidationRun run)
    {
        if (value.ValueKind != JsonValueKind.Object)
            return true;
        Span<ulong> stack = stackalloc ulong[8];
        var found = triggers.Bits(stack);
        triggers.Find(value, found, run);
        bool valid = true;
        for (int i = 0; i < schemas.Length && (valid || run.Collects) && !run.Stopped; i++)
        {
            if (NameSet.Has(found, i))
                valid &= schemas[i].Evaluate(value, path, seen, run);
        }
        return valid && !run.Stopped;
    }
}
