using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Application.Operations;
using Agora.Application.Values;
using ModelContextProtocol.Protocol;

namespace Agora.Api.Mcp;

/// <summary>A tool: an operation as models are told of it. Its words are ours alone; what a sponsor or a provider wrote stands in results, where it is marked.</summary>
internal sealed class AgentTool
{
    /// <summary>The argument by which something that is done is done once more.</summary>
    public const string Again = "again";

    private const string OnceOnly = "The same call again is answered with what was done, and nothing is done or paid twice.";
    private const string AgainMeaning = "Do it once more though the same call was done before, and pay once more. Only where the user wants exactly that: a call that failed or got no answer is simply repeated without it.";

    private readonly HashSet<string> _strings;

    public AgentTool(Operation operation)
    {
        Operation = operation;
        Input = InputSchema();
        _strings = [.. operation.Sheet.Ids, .. operation.Sheet.Parameters.All.Where(parameter => parameter.Schema()["type"] is not JsonValue type || (string?)type == "string").Select(parameter => parameter.Name)];
    }

    public Operation Operation { get; }

    public string Name => Operation.Tool!.Name;

    /// <summary>A repeat would do it twice, if it had no key.</summary>
    public bool Changes => Operation.TakesKey;

    private JsonObject Input { get; }

    /// <summary>As it is listed.</summary>
    public Tool Described() => new()
    {
        Name = Name,
        Description = Changes ? $"{Operation.Advice} {OnceOnly}" : $"{Operation.Summary}.",
        InputSchema = JsonSerializer.SerializeToElement(Input),
        OutputSchema = JsonSerializer.SerializeToElement(ToolSchemas.Output(Operation.Data, Changes)),
        Annotations = new()
        {
            ReadOnlyHint = !Changes,
            DestructiveHint = Changes && Operation.Tool!.IsDestructive,
            IdempotentHint = true,
            OpenWorldHint = Operation.Tool!.ReachesOut,
        },
    };

    /// <summary>Values that stand as text in a path or a query, and are numbers or flags among arguments.</summary>
    public bool IsText(string argument) => _strings.Contains(argument);

    private JsonObject InputSchema()
    {
        var schema = Operation.BodySchema() ?? Schemas.Closed(Operation.Sheet.Parameters.All.Where(one => one.IsRequired).Select(one => one.Name), OfQuery());
        var (properties, required) = (schema["properties"]!.AsObject(), schema["required"] as JsonArray ?? []);
        var at = 0;
        foreach (var id in Operation.Sheet.Ids)
        {
            properties.Insert(at, id, Schemas.Meaning(new() { ["type"] = "string", ["pattern"] = PathIds.Pattern(id) }, PathIds.Meaning(id)));
            required.Insert(at++, id);
        }

        if (Changes)
        {
            properties[Again] = Schemas.Meaning(Schemas.Flag(absent: false), AgainMeaning);
        }

        if (required.Count > 0)
        {
            schema["required"] = required.Parent is null ? required : required.DeepClone();
        }

        return schema;
    }

    private JsonObject OfQuery() => new(Operation.Sheet.Parameters.All.Select(one => KeyValuePair.Create<string, JsonNode?>(one.Name, one.Schema())));
}
