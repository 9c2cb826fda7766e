using System.Text.Json;
using Agora.JsonSchema.Evaluating;
using Agora.JsonSchema.Values;

namespace Agora.JsonSchema.Keywords;

/// <summary>Stands last in its schema: by then every other keyword has said what it looked at.</summary>
internal sealed class UnevaluatedItems(SchemaNode schema) : Keyword("unevaluatedItems")
{
    public override bool Evaluate(JsonElement value, InstancePath? path, EvaluatedParts? seen, ValidationRun run)
    {
        if (value.ValueKind != JsonValueKind.Array)
            return true;
        bool valid = true;
        int index = -1;
        foreach (var item in value.EnumerateArray())
        {
            index++;
            if (!run.Spend(1))
                return false;
            if (seen![index] || schema.Evaluate(item, InstancePath.Item(run, path, index), null, run))
                continue;
            valid = false;
            if (!run.Collects || run.Stopped)
                return false;
        }
        seen!.AddAll();
        return valid;
    }
}

/// <summary>Stands last in its schema, as above.</summary>
internal sealed class UnevaluatedProperties(SchemaNode schema) : Keyword("unevaluatedProperties")
{
    public override bool Evaluate(JsonElement value, InstancePath? path, EvaluatedParts? seen, ValidationRun run)
    {
        if (value.ValueKind != JsonValueKind.Object)
            return true;
        bool valid = true;
        int index = -1;
        foreach (var member in value.EnumerateObject())
        {
            index++;
            if (!run.Spend(1))
                return false;
            if (seen![index])
                continue;
            var at = run.Collects ? new InstancePath(path, JsonText.Name(member)) : null;
            if (schema.Evaluate(member.Value, at, null, run))
                continue;
            valid = false;
            if (!run.Collects || run.Stopped)
                return false;
        }
        seen!.AddAll();
        return valid;
    }
}
