using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Api.Tests.Support;
using Agora.Application.Operations;
using Agora.JsonSchema;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Api.Tests.Documents;

public sealed class OpenApiTests(OpenApiTests.Published published) : IClassFixture<OpenApiTests.Published>
{
    private readonly PublishedSchemas _schemas = new(published.Document);

    private static readonly string[] Methods = ["get", "put", "post", "patch", "delete"];

    [Fact]
    public void The_document_has_every_route_of_the_contract()
    {
        Assert.Equal("3.1.0", published.Document["openapi"]!.GetValue<string>());
        Assert.Equal(published.Declared.Order(StringComparer.Ordinal), Operations().Select(o => o.Operation["operationId"]!.GetValue<string>()).Order(StringComparer.Ordinal));
        Assert.Equal(published.Declared.Distinct(StringComparer.Ordinal), published.Declared);
    }

    [Fact]
    public void The_document_satisfies_the_schema_of_OpenAPI_3_1()
    {
        using var stream = typeof(OpenApiTests).Assembly.GetManifestResourceStream("oas-3.1.json")!;
        var schema = JsonNode.Parse(stream)!;
        schema["$defs"]!["uri"]!["format"] = "uri-reference"; // as the edition of 2021-05-20 corrects it: servers and references may be relative
        var compiled = Schema.Compile(JsonElement.Parse(schema.ToJsonString()));
        Assert.True(compiled.Succeeded, string.Join("; ", compiled.Errors));

        Assert.Empty(compiled.Schema.Validate(JsonDocument.Parse(published.Document.ToJsonString()).RootElement));

        var broken = (JsonObject)published.Document.DeepClone();
        broken["paths"]!["/agent/auth"]!["post"]!["responses"]!["201"]!.AsObject().Remove("description");
        Assert.NotEmpty(compiled.Schema.Validate(JsonDocument.Parse(broken.ToJsonString()).RootElement));
    }

    [Fact]
    public void Every_placeholder_of_a_path_is_a_required_parameter_and_no_other_is()
    {
        foreach (var (path, operation) in Operations())
        {
            var placeholders = path.Split('{').Skip(1).Select(part => part[..part.IndexOf('}', StringComparison.Ordinal)]);
            var parameters = operation["parameters"]!.AsArray().Where(p => p!["in"]!.GetValue<string>() == "path").ToList();
            Assert.Equal(placeholders.Order(StringComparer.Ordinal), parameters.Select(p => p!["name"]!.GetValue<string>()).Order(StringComparer.Ordinal));
            Assert.All(parameters, p => Assert.True(p!["required"]!.GetValue<bool>()));
        }
    }

    [Fact]
    public void A_body_has_to_be_sent_where_an_empty_object_would_not_do_and_with_each_put()
    {
        foreach (var (path, operation) in Operations().Where(o => o.Operation["requestBody"] is not null))
        {
            var needed = published.Document["paths"]![path]!["put"] == operation || _schemas.Of(operation["requestBody"]!["content"]!["application/json"]!["schema"]!).Validate(JsonDocument.Parse("{}").RootElement).Count > 0;
            Assert.True(needed == operation["requestBody"]!["required"]!.GetValue<bool>(), path);
        }
    }

    [Fact]
    public void Every_schema_is_valid_2020_12_and_every_example_satisfies_its_schema()
    {
        var checkedExamples = 0;
        foreach (var (path, operation) in Operations())
        {
            var answers = operation["responses"]!.AsObject().Select(response => _schemas.Resolved(response.Value!)["content"]).Append(operation["requestBody"]?["content"]).OfType<JsonObject>();
            foreach (var content in answers.SelectMany(answer => answer).Where(content => content.Key.EndsWith("json", StringComparison.Ordinal) && content.Key != "application/x-ndjson").Select(content => content.Value!))
            {
                var compiled = _schemas.Of(content["schema"]!);
                foreach (var example in content["example"] is { } one ? [one] : content["examples"]!.AsObject().Select(named => _schemas.Resolved(named.Value!)["value"]!))
                {
                    var violations = compiled.Validate(JsonDocument.Parse(example.ToJsonString()).RootElement);
                    Assert.True(violations.Count == 0, $"{path}: {string.Join("; ", violations)}: {example.ToJsonString()}");
                    checkedExamples++;
                }
            }
        }

        Assert.True(checkedExamples > 200, $"{checkedExamples} examples");
    }

    [Fact]
    public void Every_reference_leads_somewhere()
    {
        var references = new List<string>();
        Collect(published.Document, references);
        Assert.NotEmpty(references);
        Assert.All(references, reference => Assert.NotNull(reference.Split('/').Skip(1).Aggregate((JsonNode?)published.Document, (node, name) => node?[name])));
    }

    [Fact]
    public void Every_security_requirement_is_declared()
    {
        var schemes = published.Document["components"]!["securitySchemes"]!.AsObject().Select(s => s.Key).ToHashSet(StringComparer.Ordinal);
        Assert.All(Operations(), o => Assert.Contains(o.Operation["security"]![0]!.AsObject().Single().Key, schemes));
    }

    private IEnumerable<(string Path, JsonObject Operation)> Operations() =>
        from path in published.Document["paths"]!.AsObject()
        from operation in path.Value!.AsObject()
        where Methods.Contains(operation.Key)
        select (path.Key, operation.Value!.AsObject());

    private static void Collect(JsonNode? node, List<string> references)
    {
        if (node is JsonObject members)
        {
            foreach (var member in members)
            {
                if (member is { Key: "$ref", Value: JsonValue reference })
                {
                    references.Add(reference.GetValue<string>());
                }

                Collect(member.Value, references);
            }
        }
        else if (node is JsonArray items)
        {
            foreach (var item in items)
            {
                Collect(item, references);
            }
        }
    }

    /// <summary>Generators of clients take a member with a default for one that is always there.</summary>
    [Fact]
    public void No_member_of_a_reply_has_a_default()
    {
        var members = published.Document["components"]!["schemas"]!.AsObject().SelectMany(static schema => schema.Value!["properties"]?.AsObject().Select(member => (Name: $"{schema.Key}.{member.Key}", member.Value)) ?? []).ToList();

        Assert.Contains(members, static member => member.Name == "FailureData.said");
        Assert.Empty(members.Where(static member => member.Value!.AsObject().ContainsKey("default")).Select(static member => member.Name));
    }

    public sealed class Published : IAsyncLifetime
    {
        internal JsonObject Document { get; private set; } = [];

        /// <summary>The one of /gpt.</summary>
        internal JsonObject OfChats { get; private set; } = [];

        internal IReadOnlyList<string> Declared { get; private set; } = [];

        public async Task InitializeAsync()
        {
            await using var api = await RunningApi.Start();
            Document = JsonNode.Parse(await api.Client.Text("/openapi/v1.json"))!.AsObject();
            OfChats = JsonNode.Parse(await api.Client.Text("/gpt/openapi.json"))!.AsObject();
            Declared = [.. api.Services.GetRequiredService<OperationTable>().All.Where(operation => operation.Audience is { IsPublished: true, IsPlain: false }).Select(operation => operation.Name)];
        }

        public Task DisposeAsync() => Task.CompletedTask;
    }
}
