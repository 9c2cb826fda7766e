using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Application.Catalogue;
using Agora.Core.Chats;
using Agora.Core.Kernel;
using Agora.Core.Scenarios;

namespace Agora.Application.Scenarios;

/// <summary>A rubric as the JSON Schema that a judge's answer is held to. A model is given less of it than we check: providers refuse a schema for keywords that theirs do not know.</summary>
internal static class Rubrics
{
    /// <summary>Of a member that stands there twice nobody could say which is meant.</summary>
    private static readonly JsonDocumentOptions Once = new() { AllowDuplicateProperties = false };

    /// <summary>As a model is given it.</summary>
    public static string Wanted(ScenarioDefinition d) => SchemaOf(d, null).ToJsonString(StoredJson.Options);

    /// <returns>Scores and reasons in the rubric's order; or what is wrong with the answer.</returns>
    /// <param name="turns">Of the play.</param>
    public static (IReadOnlyList<CriterionScore> Scores, IReadOnlyList<CriterionReason> Reasons, IReadOnlyList<string> Wrong) Read(ScenarioDefinition d, int turns, string answer)
    {
        try
        {
            return Read(d, turns, JsonElement.Parse(Bare(answer), Once));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return ([], [], ["It is no JSON object."]); // or has half of a character of two
        }
    }

    private static (IReadOnlyList<CriterionScore> Scores, IReadOnlyList<CriterionReason> Reasons, IReadOnlyList<string> Wrong) Read(ScenarioDefinition d, int turns, JsonElement given)
    {
        var violations = SchemaCache.ViolationsOnce(SchemaOf(d, turns).ToJsonString(StoredJson.Options), given, "");
        if (violations.Count > 0) return ([], [], [.. violations.Take(Limits.ListItems).Select(static v => $"{v.Path}: {v.Message}")]);

        var criteria = given.GetProperty("criteria");
        return (
            [.. d.Criteria.Select(c => new CriterionScore(c.Id, Number(criteria.GetProperty(c.Id).GetProperty("score")), c.Levels, c.Weight))],
            [.. d.Criteria.Select(c => new CriterionReason(c.Id, criteria.GetProperty(c.Id).GetProperty("reason").GetString()!, [.. criteria.GetProperty(c.Id).GetProperty("turns").EnumerateArray().Select(Number).Distinct().Order()]))],
            []);
    }

    /// <summary>2.0 is an integer, too (JSON Schema 2020-12, section 6.1.1).</summary>
    private static int Number(JsonElement integer) => (int)integer.GetDecimal();

    /// <summary>Models that are given no schema like to put JSON in a fence.</summary>
    private static string Bare(string answer) => (answer.IndexOf('{', StringComparison.Ordinal), answer.LastIndexOf('}')) is (>= 0 and var from, var to) && to > from ? answer[from..(to + 1)] : answer;

    /// <param name="turns">Null: without bounds that not every provider's schemas know.</param>
    private static JsonObject SchemaOf(ScenarioDefinition d, int? turns) => Object([("criteria", Object(d.Criteria.Select(c => (c.Id, (JsonNode)Object(
    [
        ("score", new JsonObject { ["type"] = "integer", ["enum"] = new JsonArray([.. Enumerable.Range(0, c.Levels + 1).Select(static n => (JsonNode)n)]) }),
        ("reason", Reason(turns is not null)),
        ("turns", Turns(turns)),
    ])))))]);

    private static JsonObject Reason(bool isBounded) => isBounded ? new() { ["type"] = "string", ["minLength"] = 1, ["maxLength"] = ScenarioLimits.ReasonLength } : new() { ["type"] = "string" };

    private static JsonObject Turns(int? turns) => turns is { } last
        ? new() { ["type"] = "array", ["items"] = new JsonObject { ["type"] = "integer", ["minimum"] = 1, ["maximum"] = last }, ["maxItems"] = ScenarioLimits.ReasonTurns }
        : new() { ["type"] = "array", ["items"] = new JsonObject { ["type"] = "integer" } };

    private static JsonObject Object(IEnumerable<(string Name, JsonNode Schema)> members)
    {
        var all = members.ToList();
        return new()
        {
            ["type"] = "object",
            ["properties"] = new JsonObject(all.Select(static member => KeyValuePair.Create(member.Name, (JsonNode?)member.Schema))),
            ["required"] = new JsonArray([.. all.Select(static member => (JsonNode)member.Name)]),
            ["additionalProperties"] = false,
        };
    }
}
