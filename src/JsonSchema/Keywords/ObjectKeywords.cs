using System.Text.Json;
using Agora.JsonSchema.Evaluating;
using Agora.JsonSchema.Patterns;
using Agora.JsonSchema.Values;

namespace Agora.JsonSchema.Keywords;

internal sealed class MemberCountKeyword(string name, int limit) : Assertion(name)
{
    private readonly bool _upper = name == "maxProperties";

    protected override bool Holds(JsonElement value, ValidationRun run) =>
        value.ValueKind != JsonValueKind.Object || (_upper ? value.GetPropertyCount() <= limit : value.GetPropertyCount() >= limit);

    protected override string Message(JsonElement value) =>
        $"Must have at {(_upper ? "most" : "least")} {Words.Count(limit, "member")}, has {value.GetPropertyCount()}.";
}

/// <summary>`properties`, `patternProperties` and `additionalProperties`, in one walk over the members of the instance.</summary>
internal sealed class MembersKeyword(
    Dictionary<string, SchemaNode> named, (Pattern Pattern, SchemaNode Schema)[] patterns, SchemaNode? additional) : Keyword("properties")
{
    private readonly Dictionary<string, SchemaNode>.AlternateLookup<ReadOnlySpan<char>> _named = named.GetAlternateLookup<ReadOnlySpan<char>>();

    public override bool Evaluate(JsonElement value, InstancePath? path, EvaluatedParts? seen, ValidationRun run)
    {
        if (value.ValueKind != JsonValueKind.Object)
            return true;
        bool valid = true;
        int index = 0;
        foreach (var member in value.EnumerateObject())
        {
            if (!EvaluateMember(member, index++, path, seen, run))
            {
                valid = false;
                if (!run.Collects || run.Stopped)
                    return false;
            }
        }
        return valid;
    }

    private bool EvaluateMember(JsonProperty member, int index, InstancePath? path, EvaluatedParts? seen, ValidationRun run)
    {
        var raw = JsonText.RawName(member);
        if (!run.Spend(1 + raw.Length / 64))
            return false;
        var name = JsonText.Decode(raw, stackalloc char[JsonText.ScratchLength]);
        var at = InstancePath.Member(run, path, name);
        bool valid = true, defined = false;
        if (_named.TryGetValue(name, out var schema))
        {
            defined = true;
            valid = schema.Evaluate(member.Value, at, null, run);
        }
        foreach (var (pattern, patternSchema) in patterns)
        {
            var match = pattern.Match(raw, run);
            if (match == PatternMatch.TimedOut)
                return run.Collects && run.Report(at, "patternProperties", pattern.TimeoutMessage);
            if (match == PatternMatch.No)
                continue;
            defined = true;
            valid &= patternSchema.Evaluate(member.Value, at, null, run);
        }
        if (!defined && additional is not null)
        {
            defined = true;
            valid = additional.Evaluate(member.Value, at, null, run);
        }
        if (defined)
            seen?.Add(index);
        return valid && !run.Stopped;
    }
}

internal sealed class PropertyNamesKeyword(SchemaNode schema) : Keyword("propertyNames")
{
    public override bool Evaluate(JsonElement value, InstancePath? path, EvaluatedParts? seen, ValidationRun run)
    {
        if (value.ValueKind != JsonValueKind.Object)
            return true;
        bool valid = true;
        foreach (var member in value.EnumerateObject())
        {
            var raw = JsonText.RawName(member);
            if (!run.Spend(1 + raw.Length / 64))
                return false;
            var name = NameAsValue(raw);
            if (!run.Collects)
            {
                if (!schema.Evaluate(name, null, null, run))
                    return false;
                continue;
            }
            var at = new InstancePath(path, JsonText.Decode(raw));
            valid &= run.Collect(schema, name, at, null, out var violations);
            foreach (var violation in violations)
                run.Report(at, Name, $"The name of this member is not allowed. {violation.Message}");
        }
        return valid;
    }

    private static JsonElement NameAsValue(ReadOnlySpan<byte> raw)
    {
        var json = new byte[raw.Length + 2];
        json[0] = json[^1] = (byte)'"';
        raw.CopyTo(json.AsSpan(1));
        return JsonElement.Parse(json);
    }
}
