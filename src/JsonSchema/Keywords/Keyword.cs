using System.Text.Json;
using Agora.JsonSchema.Evaluating;

namespace Agora.JsonSchema.Keywords;

/// <summary>A keyword, or a family that only makes sense together, compiled for one subschema.</summary>
internal abstract class Keyword(string name)
{
    public string Name => name;

    /// <summary>
    /// Whether the value satisfies the keyword. While the run collects, every violation is reported; otherwise the
    /// keyword may stop at the first. Parts that were looked at are added to <paramref name="seen"/>.
    /// </summary>
    public abstract bool Evaluate(JsonElement value, InstancePath? path, EvaluatedParts? seen, ValidationRun run);
}

/// <summary>A keyword that looks at the value alone and has one sentence to say about it.</summary>
internal abstract class Assertion(string name) : Keyword(name)
{
    public sealed override bool Evaluate(JsonElement value, InstancePath? path, EvaluatedParts? seen, ValidationRun run) =>
        Holds(value, run) || (run.Collects && !run.Stopped && run.Report(path, Name, Message(value)));

    protected abstract bool Holds(JsonElement value, ValidationRun run);

    protected abstract string Message(JsonElement value);
}

/// <summary>The schema `false`. It carries the name of the keyword that holds it: that is what the reader must look at.</summary>
internal sealed class NothingAllowed(string holder) : Assertion(holder)
{
    protected override bool Holds(JsonElement value, ValidationRun run) => false;

    protected override string Message(JsonElement value) => Name switch
    {
        "additionalProperties" or "unevaluatedProperties" => "The schema does not define this member: remove it or correct its name.",
        "items" or "unevaluatedItems" => "The schema allows no item at this position: remove it.",
        _ => "The schema allows no value here: remove it.",
    };
}
