using System.Text.Json;
using Agora.JsonSchema.Evaluating;

namespace Agora.JsonSchema.Values;

/// <summary>
/// Equality of JSON values as JSON Schema has it: numbers by value, strings by code units, objects without order.
/// Everything visited is charged to the run: a run out of budget answers "not equal" and is stopped anyway.
/// </summary>
internal static class JsonEquality
{
    // Below this, looking each member up by walking the other object is cheaper than building a table.
    private const int FewMembers = 8;

    public static bool Equal(JsonElement a, JsonElement b, ValidationRun run)
    {
        if (a.ValueKind != b.ValueKind || !run.Deepen())
            return false;
        bool equal = a.ValueKind switch
        {
            JsonValueKind.Number => NumbersEqual(a, b, run),
            JsonValueKind.String => TextsEqual(JsonText.Raw(a), JsonText.Raw(b), run),
            JsonValueKind.Array => ArraysEqual(a, b, run),
            JsonValueKind.Object => ObjectsEqual(a, b, run),
            _ => true,
        };
        run.Rise();
        return equal;
    }

    /// <summary>Equal values have equal hashes. Not seeded: whoever forces collisions pays from the budget.</summary>
    public static ulong Hash(JsonElement value, ValidationRun run)
    {
        if (!run.Deepen())
            return 0;
        ulong hash = value.ValueKind switch
        {
            JsonValueKind.Number => HashNumber(ExactNumber.Of(value), run),
            JsonValueKind.String => HashText(JsonText.Raw(value), run),
            JsonValueKind.Array => HashArray(value, run),
            JsonValueKind.Object => HashObject(value, run),
            _ => Mix((ulong)value.ValueKind, 1),
        };
        run.Rise();
        return hash;
    }

    private static bool NumbersEqual(JsonElement a, JsonElement b, ValidationRun run)
    {
        if (a.TryGetInt64(out long x) && b.TryGetInt64(out long y))
            return x == y;
        var left = ExactNumber.Of(a);
        return run.Spend(left.Count / 64) && left.CompareTo(ExactNumber.Of(b)) == 0;
    }

    private static bool TextsEqual(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, ValidationRun run) =>
        run.Spend((a.Length + b.Length) / 64) && JsonText.Equal(a, b);

    private static bool ArraysEqual(JsonElement a, JsonElement b, ValidationRun run)
    {
        if (a.GetArrayLength() != b.GetArrayLength())
            return false;
        using var others = b.EnumerateArray();
        foreach (var item in a.EnumerateArray())
        {
            others.MoveNext();
            if (!Equal(item, others.Current, run))
                return false;
        }
        return true;
    }

    private static bool ObjectsEqual(JsonElement a, JsonElement b, ValidationRun run)
    {
        int count = a.GetPropertyCount();
        if (count != b.GetPropertyCount() || !run.Spend(count))
            return false;
        var table = count > FewMembers ? Table(b) : null;
        foreach (var member in a.EnumerateObject())
        {
            JsonElement other;
            if (table is null ? !Find(b, JsonText.RawName(member), out other) : !table.TryGetValue(JsonText.Name(member), out other))
                return false;
            if (!Equal(member.Value, other, run))
                return false;
        }
        return true;
    }

    private static Dictionary<string, JsonElement> Table(JsonElement value)
    {
        var table = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var member in value.EnumerateObject())
            table[JsonText.Name(member)] = member.Value;
        return table;
    }

    private static bool Find(JsonElement value, ReadOnlySpan<byte> name, out JsonElement found)
    {
        foreach (var member in value.EnumerateObject())
        {
            if (JsonText.Equal(JsonText.RawName(member), name))
            {
                found = member.Value;
                return true;
            }
        }
        found = default;
        return false;
    }

    private static ulong HashArray(JsonElement value, ValidationRun run)
    {
        ulong hash = 7;
        foreach (var item in value.EnumerateArray())
            hash = Mix(hash, Hash(item, run));
        return hash;
    }

    // A sum, because members have no order.
    private static ulong HashObject(JsonElement value, ValidationRun run)
    {
        ulong hash = 11;
        foreach (var member in value.EnumerateObject())
            hash = unchecked(hash + Mix(HashText(JsonText.RawName(member), run), Hash(member.Value, run)));
        return hash;
    }

    private static ulong HashNumber(ExactNumber number, ValidationRun run)
    {
        run.Spend(number.Count / 64);
        ulong hash = Mix(number.Negative ? 3UL : 2UL, unchecked((ulong)number.Magnitude));
        for (int i = 0; i < number.Count; i++)
            hash = Mix(hash, (ulong)number[i]);
        return hash;
    }

    private static ulong HashText(ReadOnlySpan<byte> raw, ValidationRun run)
    {
        run.Spend(raw.Length / 64);
        ulong hash = 5;
        foreach (char c in JsonText.Decode(raw, stackalloc char[JsonText.ScratchLength]))
            hash = Mix(hash, c);
        return hash;
    }

    private static ulong Mix(ulong hash, ulong value)
    {
        unchecked
        {
            hash = (hash ^ value) * 0x9E3779B97F4A7C15UL;
            return hash ^ (hash >> 29);
        }
    }
}
