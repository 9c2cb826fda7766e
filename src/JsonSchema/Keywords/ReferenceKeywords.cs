using System.Text.Json;
using Agora.JsonSchema.Evaluating;

namespace Agora.JsonSchema.Keywords;

/// <summary>`$ref`, and `$dynamicRef` where nothing about it is dynamic.</summary>
internal sealed class ReferenceKeyword(string name, SchemaNode target) : Keyword(name)
{
    public SchemaNode Target => target;

    public override bool Evaluate(JsonElement value, InstancePath? path, EvaluatedParts? seen, ValidationRun run) =>
        target.Evaluate(value, path, seen, run);
}

/// <summary>`$dynamicRef` to a `$dynamicAnchor`: whoever entered the evaluation first may have replaced the target.</summary>
internal sealed class DynamicReferenceKeyword(string anchor, SchemaNode initial) : Keyword("$dynamicRef")
{
    public override bool Evaluate(JsonElement value, InstancePath? path, EvaluatedParts? seen, ValidationRun run) =>
        (run.OutermostAnchor(anchor) ?? initial).Evaluate(value, path, seen, run);
}
