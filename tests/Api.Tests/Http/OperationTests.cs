using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Api.Tests.Support;
using Agora.Application.Operations;
using Agora.Application.Values;
using Agora.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;

namespace Agora.Api.Tests.Http;

/// <summary>A route is declared once, and what is told about it follows from that.</summary>
public sealed class OperationTests(OperationTests.Mapped mapped) : IClassFixture<OperationTests.Mapped>
{
    private static readonly string[] Documents = ["/", "/openapi.json", "/openapi/v1.json", "/agent/schemas/{operation}", "/healthz", "/readyz", .. ErrorPages.All.Select(page => Problem.TypeOf(page.Code)), "/metrics", "/.well-known/jwks.json", "/gpt/openapi.json", "/gpt/privacy", "/gpt/consent", "/mcp"];
    private static readonly string[] OfA2a = ["", "/message:send", "/message:stream", "/tasks", "/tasks/{task_id}", "/tasks/{task_id}:cancel", "/tasks/{task_id}:subscribe", "/extendedAgentCard", "/tasks/{task_id}/pushNotificationConfigs", "/tasks/{task_id}/pushNotificationConfigs/{config_id}", "/.well-known/agent-card.json"];
    private static readonly string[] OfModels = ["/openai/v1/chat/completions", "/openai/v1/responses", "/openai/v1/embeddings", "/openai/v1/audio/speech", "/openai/v1/responses/input_tokens", "/anthropic/v1/messages/count_tokens", "/anthropic/v1/messages", "/openai/v1/responses/{response_id}", "/openai/v1/responses/{response_id}/input_items", "/openai/v1/responses/{response_id}/cancel", "/openai/v1/models", "/openai/v1/models/{model}", "/anthropic/v1/models", "/anthropic/v1/models/{model}"];
    private static readonly string[] Bounds = ["maxLength", "pattern", "format", "enum", "const", "maximum", "maxItems", "maxProperties", "additionalProperties"];

    [Fact]
    public void Every_endpoint_is_an_operation_but_for_the_documents()
    {
        var endpoints = mapped.Endpoints.OfType<RouteEndpoint>().ToList();

        Assert.Equal([.. Documents, .. OfA2a.Select(route => $"/a2a/{{agent_id}}{route}"), "/streams/{conversation_id}", .. OfModels], endpoints.Where(e => e.Metadata.GetMetadata<Operation>() is null).Select(e => e.RoutePattern.RawText).Distinct());
        Assert.Equal(mapped.Operations, endpoints.Select(e => e.Metadata.GetMetadata<Operation>()).OfType<Operation>());
    }

    [Fact]
    public void Every_operation_has_a_name_of_its_own_and_answers_to_its_stored_one()
    {
        var own = mapped.Operations.Where(o => !o.Audience.IsPlain).ToList();
        var names = own.SelectMany(o => new[] { o.Name, o.StoredName }.Distinct()).Concat(mapped.Operations.Except(own).Select(o => o.Name)).ToList();

        Assert.Empty(names.GroupBy(static name => name, StringComparer.Ordinal).Where(static name => name.Skip(1).Any()).Select(static name => name.Key));
        Assert.All(mapped.Operations.Except(own), chats => Assert.Contains(own, o => o.StoredName == chats.StoredName && o.Method == chats.Method)); // another door to the same
        Assert.Equal(
            [("search_services", "find_services"), ("get_tasks", "list_tasks"), ("complete_task", "do_task")],
            own.Where(o => o.StoredName != o.Name).Select(o => (o.Name, o.StoredName)));
        Assert.Equal(("do_task", "do_task", "run_service"), (mapped.Table.StoredNameOf("complete_task"), mapped.Table.StoredNameOf("do_task"), mapped.Table.StoredNameOf("run_service")));
        Assert.Equal(("complete_task", "gone_since"), (mapped.Table.NameOf("do_task"), mapped.Table.NameOf("gone_since")));
    }

    [Fact]
    public void Every_field_that_is_declared_says_what_it_means_and_has_a_bound()
    {
        var fields = 0;
        foreach (var operation in mapped.Operations)
        {
            foreach (var member in operation.Sheet.Parameters.All.Concat(operation.Sheet.Members.All).Concat(operation.Headers))
            {
                fields += Check(member.Schema(), $"{operation.Name}: {member.Name}");
            }

            Assert.All(operation.Sheet.Ids.Where(_ => operation.Audience.IsPublished), id => Assert.NotEmpty(PathIds.Meaning(id)));
        }

        Assert.True(fields > 150, $"{fields} fields");
    }

    [Fact]
    public void A_field_without_a_meaning_or_without_a_bound_is_found()
    {
        Assert.ThrowsAny<Exception>(() => Check(new JsonObject { ["type"] = "string", ["maxLength"] = 1, ["description"] = "" }, "no meaning"));
        Assert.ThrowsAny<Exception>(() => Check(new JsonObject { ["type"] = "string", ["description"] = "A text." }, "no bound"));
        Assert.ThrowsAny<Exception>(() => Check(new JsonObject { ["type"] = "array", ["maxItems"] = 1, ["items"] = new JsonObject { ["type"] = "string" }, ["description"] = "Texts." }, "no bound within"));
    }

    [Fact]
    public void A_reader_finds_nothing_wrong_with_its_own_example_and_asks_for_what_is_required()
    {
        foreach (var operation in mapped.Operations.Where(o => o.BodySchema() is not null))
        {
            var whole = new ReadBody(operation.BodyExample!);
            operation.Ask(whole);
            whole.Body.Finish();
            Assert.True(whole.Findings.Refusal is null, operation.Name);

            var empty = new ReadBody("{}");
            operation.Ask(empty);
            var required = operation.BodySchema()!["required"]?.AsArray().Select(name => "/" + name!.GetValue<string>()) ?? [];
            var missing = empty.Findings.Violations.Where(v => v.Keyword == "required").Select(v => v.Path);
            Assert.Equal(required.Where(path => path != "/consents").Order(StringComparer.Ordinal), missing.Order(StringComparer.Ordinal)); // what consents are missing the session says
        }
    }

    [Fact]
    public void An_operation_that_does_not_read_what_its_route_names_is_not_mapped()
    {
        var forgetful = new Operation<NoFields>(Audience.Agents, "forget", "GET /agent/things/{thing_id}", "It forgets") { Read = NoFields.Read, Data = typeof(object), DataExample = "{}" };
        var greedy = new Operation<string?>(Audience.Agents, "take", "GET /agent/things", "It wants a body") { Read = call => call.Body.Id("thing_id", "The thing."), Data = typeof(object), DataExample = "{}" };

        Assert.Throws<InvalidOperationException>(() => new OperationTable().Add(forgetful));
        Assert.Throws<InvalidOperationException>(() => new OperationTable().Add(greedy));
    }

    [Fact]
    public void Nothing_outside_the_edge_has_an_http_context()
    {
        var holders = new[] { typeof(AgoraApi), typeof(Request) }.SelectMany(static one => one.Assembly.GetTypes()).Where(HasContext).Select(type => (type.Namespace ?? Outer(type).Namespace)!).Distinct().ToList();

        Assert.Contains("Agora.Web", holders);
        Assert.Empty(holders.Except(["Agora.Web", "Agora.Api.Hosts", "Agora.Api.Mcp", "Agora.Api.Desk", "Agora.Api.Models"]));
    }

    /// <summary>How many fields there are, this one and those within it.</summary>
    private static int Check(JsonObject schema, string at)
    {
        Assert.False(string.IsNullOrWhiteSpace(schema["description"]?.GetValue<string>()), $"{at} does not say what it means");
        return 1 + CheckBounds(schema, at);
    }

    private static int CheckBounds(JsonObject schema, string at)
    {
        // JSON of any kind is bounded by the body; a boolean has no bound to give, and of these headers what is not known counts as not said.
        if (schema["type"] is JsonValue type && type.GetValue<string>() != "boolean" && !at.EndsWith(": Prefer", StringComparison.Ordinal) && !at.EndsWith(": Cache-Control", StringComparison.Ordinal))
        {
            Assert.True(Bounds.Any(schema.ContainsKey), $"{at} has no bound");
        }

        return (schema["properties"] as JsonObject ?? []).Sum(member => Check(member.Value!.AsObject(), $"{at}/{member.Key}"))
            + (schema["items"] is JsonObject items ? CheckBounds(items, $"{at}/#") : 0);
    }

    private static bool HasContext(Type type)
    {
        const BindingFlags Own = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        Type[] web = [typeof(HttpContext), typeof(HttpRequest), typeof(HttpResponse)];
        return type.GetFields(Own).Any(field => web.Contains(field.FieldType))
            || type.GetMethods(Own).Cast<MethodBase>().Concat(type.GetConstructors(Own)).SelectMany(method => method.GetParameters()).Any(parameter => web.Contains(parameter.ParameterType));
    }

    private static Type Outer(Type type) => type.DeclaringType is { } outer ? Outer(outer) : type;

    /// <summary>A body, and nothing else of a request.</summary>
    private sealed class ReadBody(string json) : Call
    {
        public override Findings Findings { get; } = new();

        public override Fields Body => field ??= new(JsonDocument.Parse(json).RootElement, "", Findings);

        public override QueryFields Query => field ??= new(new Dictionary<string, StringValues>(), Findings);

        public override string Id(string name) => "some";
    }

    public sealed class Mapped : IAsyncLifetime
    {
        private RunningApi _api = null!;

        internal OperationTable Table => _api.Services.GetRequiredService<OperationTable>();

        internal IReadOnlyList<Operation> Operations => Table.All;

        internal IReadOnlyList<Endpoint> Endpoints => _api.Services.GetRequiredService<EndpointDataSource>().Endpoints;

        public async Task InitializeAsync() => _api = await RunningApi.Start();

        public async Task DisposeAsync() => await _api.DisposeAsync();
    }
}
