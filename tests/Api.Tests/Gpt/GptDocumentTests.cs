using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Api.Tests.Documents;
using Agora.Api.Tests.Support;
using Agora.Application.Operations;
using Agora.JsonSchema;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Api.Tests.Gpt;

/// <summary>The document of which a GPT's actions are made, held to what such an action takes.</summary>
public sealed class GptDocumentTests : IAsyncLifetime
{
    private JsonObject _document = [];
    private IReadOnlyList<Operation> _declared = [];

    public async Task InitializeAsync()
    {
        await using var api = await RunningApi.Start();
        _document = JsonNode.Parse(await api.Client.Text("/gpt/openapi.json"))!.AsObject();
        _declared = [.. api.Services.GetRequiredService<OperationTable>().All.Where(operation => operation.Audience == Audience.Gpt)];
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public void It_is_OpenAPI_3_1_with_one_server_one_credential_and_few_operations_each_with_an_id()
    {
        Assert.Equal("3.1.0", (string?)_document["openapi"]);
        Assert.Single(_document["servers"]!.AsArray());
        Assert.Equal(("http", "bearer"), _document["components"]!["securitySchemes"]!.AsObject().Single().Value is { } scheme ? ((string)scheme["type"]!, (string)scheme["scheme"]!) : default);
        var operations = Operations().ToList();
        Assert.InRange(operations.Count, 6, 30);
        Assert.Equal(_declared.Select(operation => operation.Name), operations.Select(operation => (string)operation["operationId"]!));
        Assert.Equal(operations.Count, operations.Select(operation => (string)operation["operationId"]!).Distinct().Count());
        Assert.All(operations, operation => Assert.Equal("gptKey", operation["security"]![0]!.AsObject().Single().Key));
        Assert.True(Encoding.UTF8.GetByteCount(_document.ToJsonString()) < 100_000, "It is too long for an action.");
    }

    [Fact]
    public void Everything_is_described_in_300_characters_and_nothing_is_asked_for_in_a_header()
    {
        var descriptions = Descriptions(_document).ToList();
        Assert.True(descriptions.Count > 60, $"{descriptions.Count}");
        Assert.DoesNotContain(descriptions, text => text.Length is 0 or > 300);
        foreach (var operation in Operations())
        {
            Assert.False(string.IsNullOrEmpty((string?)operation["description"]));
            Assert.All(operation["parameters"]!.AsArray(), parameter => Assert.True((string)parameter!["in"]! is "path" or "query" && parameter["description"] is not null));
        }
    }

    [Fact]
    public void A_person_is_asked_before_whatever_costs_or_tells_something()
    {
        var asked = Operations().Where(operation => (bool)operation["x-openai-isConsequential"]!).Select(operation => (string)operation["operationId"]!);

        Assert.Equal(["gpt_complete_task", "gpt_run_service"], asked.Order());
    }

    [Fact]
    public void It_satisfies_the_schema_of_OpenAPI_3_1_and_its_examples_their_schemas()
    {
        using var stream = typeof(OpenApiTests).Assembly.GetManifestResourceStream("oas-3.1.json")!;
        var schema = JsonNode.Parse(stream)!;
        schema["$defs"]!["uri"]!["format"] = "uri-reference";
        var compiled = Schema.Compile(JsonElement.Parse(schema.ToJsonString()));
        Assert.Empty(compiled.Schema!.Validate(JsonElement.Parse(_document.ToJsonString())));

        var schemas = new PublishedSchemas(_document, closed: true);
        var contents = Operations().SelectMany(operation => operation["responses"]!.AsObject().Select(response => response.Value!["content"]).Append(operation["requestBody"]?["content"])).OfType<JsonObject>().Select(content => content["application/json"]!).ToList();
        Assert.All(contents.Where(content => content["example"] is not null), content => Assert.Empty(schemas.Of(content["schema"]!).Validate(JsonElement.Parse(content["example"]!.ToJsonString()))));
        Assert.True(contents.Count(content => content["example"] is not null) >= 10, "examples");
    }

    [Fact]
    public void Every_member_says_what_it_means_and_every_list_how_long_it_gets()
    {
        foreach (var (name, schema) in _document["components"]!["schemas"]!.AsObject())
        {
            Assert.All(schema!["properties"]!.AsObject(), member => Assert.True(member.Value!["description"] is not null, $"{name}.{member.Key}"));
            Assert.All(schema["properties"]!.AsObject().Where(member => member.Value!["items"] is not null), member => Assert.True(member.Value!["maxItems"] is not null, $"{name}.{member.Key}"));
        }
    }

    [Theory]
    [InlineData("/gpt/privacy", "en", "What becomes of what you say")]
    [InlineData("/gpt/privacy", "ja", "あなたが話したことの扱い")]
    [InlineData("/gpt/consent", "en", "What you agree to")]
    [InlineData("/gpt/consent", "ja", "同意の内容")]
    public async Task What_becomes_of_what_people_say_and_what_they_agree_to_is_read_in_their_language(string path, string language, string title)
    {
        await using var api = await RunningApi.Start();
        using var http = new HttpClient { BaseAddress = api.Client.Address };
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "Accept-Language", language } } };
        using var reply = await http.SendAsync(request);
        var page = await reply.Content.ReadAsStringAsync();

        Assert.Equal(("text/html", language), (reply.Content.Headers.ContentType!.MediaType, Assert.Single(reply.Content.Headers.ContentLanguage)));
        Assert.Contains($"<h1>{title}</h1>", page, StringComparison.Ordinal);
        Assert.Contains($"<html lang=\"{language}\">", page, StringComparison.Ordinal);
    }

    private IEnumerable<JsonNode> Operations() => _document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject()).Select(operation => operation.Value!);

    private static IEnumerable<string> Descriptions(JsonNode? node) => node switch
    {
        JsonArray items => items.SelectMany(Descriptions),
        JsonObject members => members.Where(member => member.Key is not ("example" or "properties")).SelectMany(member => member is { Key: "description" or "summary", Value: JsonValue text } ? [(string)text!] : Descriptions(member.Value))
            .Concat((members["properties"] as JsonObject ?? []).SelectMany(member => Descriptions(member.Value))),
        _ => [],
    };
}
