using System.Text.Json.Nodes;
using Agora.Api.Documents;
using Agora.Core.Kernel;
using Agora.Web;

namespace Agora.Api.Tests.Documents;

/// <summary>What the OpenAPI document says of members, of headers and of refusals: all of it, in words.</summary>
public sealed class MemberTests(OpenApiTests.Published published) : IClassFixture<OpenApiTests.Published>
{
    /// <summary>They have conditions, which name members again.</summary>
    private static readonly string[] Conditions = ["if", "then", "else", "not", "anyOf", "oneOf", "dependentSchemas", "example", "examples", "enum", "const", "default"];

    private static readonly Dictionary<string, string> Unbounded = new()
    {
        ["/UserData/properties/grants"] = "A user may let any number of agents act.",
    };

    private static readonly string[] StateNames = ["state", "step", "status", "kind", "source", "outcome", "execution_mode", "failure_code", "code", "retry", "pay_with", "decision"];

    [Fact]
    public void Every_member_of_a_body_says_what_it_means()
    {
        var members = Members(published.Document, "").ToList();

        Assert.True(members.Count > 500, $"{members.Count} members");
        Assert.Empty(members.Where(member => member.Schema["description"] is null).Select(member => $"{member.Path}: say it in src/Api/Documents/members.txt"));
    }

    [Fact]
    public void Every_meaning_is_of_a_member() => Assert.Empty(MemberMeanings.Names.Except(Meant(), StringComparer.Ordinal));

    [Fact]
    public void Every_amount_says_that_it_is_in_cents_and_every_state_has_its_values()
    {
        var members = Members(published.Document, "").ToList();

        Assert.Empty(members.Where(m => m.Path.EndsWith("_cents", StringComparison.Ordinal) && m.Path.StartsWith("/components", StringComparison.Ordinal) && !m.Schema["description"]!.GetValue<string>().EndsWith("In cents.", StringComparison.Ordinal)).Select(m => m.Path));
        Assert.Empty(members.Where(m => StateNames.Contains(m.Path.Split('/')[^1]) && IsText(m.Schema) && m.Schema["enum"] is null && m.Schema["const"] is null).Select(m => m.Path));
    }

    [Fact]
    public void Every_list_of_a_reply_says_how_long_it_gets_or_here_why_nothing_bounds_it()
    {
        var lists = Lists(published.Document["components"]!["schemas"], "").Concat(published.Document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject()).SelectMany(operation => Lists(operation.Value!["responses"], ""))).ToList();

        Assert.True(lists.Count > 200, $"{lists.Count} lists");
        Assert.Equal(Unbounded.Keys, lists.Where(list => list.Schema["maxItems"] is null).Select(list => list.Path));
    }

    [Fact]
    public void Every_parameter_and_header_says_what_it_means()
    {
        var parameters = published.Document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject()).SelectMany(operation => operation.Value!["parameters"]!.AsArray());

        Assert.All(parameters, parameter => Assert.NotNull(parameter!["schema"]!["description"]));
        Assert.All(published.Document["components"]!["headers"]!.AsObject(), header => Assert.NotNull(header.Value!["description"]));
        Assert.All(published.Document["tags"]!.AsArray(), tag => Assert.NotNull(tag!["description"]));
    }

    [Fact]
    public void Every_answer_names_its_request_and_its_release_and_every_refusal_has_both_forms()
    {
        foreach (var response in published.Document["components"]!["responses"]!.AsObject())
        {
            Assert.Equal(["application/json", "application/problem+json"], response.Value!["content"]!.AsObject().Select(content => content.Key));
        }

        var answers = published.Document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject()).SelectMany(operation => operation.Value!["responses"]!.AsObject().Select(response => response.Value!))
            .Where(response => response["$ref"] is null).Concat(published.Document["components"]!["responses"]!.AsObject().Select(response => response.Value!));
        Assert.All(answers, answer => Assert.Superset(new HashSet<string> { RequestIds.Header, Release.Header }, answer["headers"]!.AsObject().Select(header => header.Key).ToHashSet()));
    }

    [Fact]
    public void Each_code_has_an_example_in_both_forms_and_each_is_the_pages_own()
    {
        var examples = published.Document["components"]!["examples"]!.AsObject();
        foreach (var page in ErrorPages.All)
        {
            Assert.Equal(page.Code, examples[page.Code]!["value"]!["error"]!["code"]!.GetValue<string>());
            Assert.Equal(Codes.StatusOf(page.Code), examples[$"{page.Code}.problem"]!["value"]!["status"]!.GetValue<int>());
        }

        Assert.Equal(2 * Refusals.AllCodes.Count, examples.Count);
    }

    private static IEnumerable<(string Path, JsonObject Schema)> Lists(JsonNode? node, string path) => node switch
    {
        JsonArray items => items.SelectMany((item, i) => Lists(item, $"{path}/{i}")),
        JsonObject schema => (IsList(schema) ? [(path, schema)] : Array.Empty<(string, JsonObject)>()).Concat(schema.Where(member => !Conditions.Contains(member.Key) || member.Key is "anyOf").SelectMany(member => Lists(member.Value, $"{path}/{member.Key}"))),
        _ => [],
    };

    private static bool IsList(JsonNode schema) => schema["type"] is JsonValue type ? type.GetValue<string>() == "array" : schema["type"] is JsonArray types && types.Any(one => one?.GetValue<string>() == "array");

    private static bool IsText(JsonNode schema) => schema["type"] is JsonValue type ? type.GetValue<string>() == "string" : schema["type"] is JsonArray types && types.Any(one => one?.GetValue<string>() == "string");

    /// <summary>Under which names the meanings of the document are found.</summary>
    private IEnumerable<string> Meant() =>
        from schema in published.Document["components"]!["schemas"]!.AsObject().Concat(published.OfChats["components"]!["schemas"]!.AsObject())
        from member in schema.Value!["properties"]!.AsObject()
        let own = $"{schema.Key.Replace("Data", "", StringComparison.Ordinal)}.{member.Key}"
        select MemberMeanings.Names.Contains(own) ? own : member.Key;

    private static IEnumerable<(string Path, JsonNode Schema)> Members(JsonNode? node, string path)
    {
        if (node is JsonArray items) return items.SelectMany((item, i) => Members(item, $"{path}/{i}"));
        if (node is not JsonObject members) return [];

        var named = members["properties"] is JsonObject properties ? properties.Where(member => member.Value is JsonObject).Select(member => ($"{path}/{member.Key}", member.Value!)) : [];
        return named.Concat(members.Where(member => !Conditions.Contains(member.Key)).SelectMany(member => Members(member.Value, $"{path}/{member.Key}")));
    }
}
