using System.Text.Json;
using Agora.Api.Tests.Support;

namespace Agora.Api.Tests.Documents;

/// <summary>Schemas of bodies at addresses of their own, and in place where they are asked for.</summary>
public sealed class SchemaTests
{
    [Fact]
    public async Task A_schema_is_referred_to_and_whole_where_it_is_asked_for()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        var token = await api.Client.OpenSession();

        var brief = (await api.Client.Get("/agent/tasks/survey", token)).Expect(200).NextActions[0];
        var full = (await api.Client.Get("/agent/tasks/survey?schemas=full", token)).Expect(200).NextActions[0];

        Assert.Equal(["action", "method", "endpoint", "schema_ref", "idempotency_key", "description"], brief.EnumerateObject().Select(m => m.Name));
        Assert.Equal(["action", "method", "endpoint", "params", "body", "body_schema", "idempotency_key", "description"], full.EnumerateObject().Select(m => m.Name));
        var reference = brief.GetProperty("schema_ref");
        Assert.Equal("/agent/schemas/complete_task/survey", reference.GetProperty("url").GetString());
        var read = (await api.Client.Get(reference.GetProperty("url").GetString()!, token)).Expect(200);
        Assert.Equal(full.GetProperty("body_schema").GetRawText(), read.Data.GetProperty("schema").GetRawText());
        Assert.Equal(["data.schema"], read.Json.GetProperty("untrusted_fields").EnumerateArray().Select(f => f.GetString()));
    }

    [Fact]
    public async Task A_task_always_shows_its_whole_schema()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();

        var task = (await api.Client.Get("/agent/tasks/survey", await api.Client.OpenSession())).Expect(200).Data.GetProperty("task");

        Assert.Equal(["rating", "why", "again"], task.GetProperty("schema").GetProperty("required").EnumerateArray().Select(name => name.GetString()));
    }

    [Fact]
    public async Task What_is_asked_for_by_its_hash_may_be_kept_for_ever_and_is_not_found_when_it_is_another()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        var token = await api.Client.OpenSession();
        var hash = (await api.Client.Get("/agent/schemas/run_service/summary", token)).Expect(200).Data.GetProperty("sha256").GetString();

        var kept = (await api.Client.Get($"/agent/schemas/run_service/summary?sha256={hash}", token)).Expect(200);
        (await api.Client.Admin(HttpMethod.Put, "/admin/services/summary", Support.Catalogue.Service.Replace("\"minLength\":1", "\"minLength\":2", StringComparison.Ordinal))).Expect(200);

        Assert.Equal("private, immutable, max-age=31536000", string.Join(", ", kept.Header("Cache-Control")!.Split(", ").OrderBy(p => p.Length is 9 ? 1 : p == "private" ? 0 : 2)));
        (await api.Client.Get($"/agent/schemas/run_service/summary?sha256={hash}", token)).Refused(404, "not_found");
        Assert.NotEqual(hash, (await api.Client.Get("/agent/schemas/run_service/summary", token)).Expect(200).Data.GetProperty("sha256").GetString());
    }

    [Theory]
    [InlineData("/agent/schemas/run_service/nothing")]
    [InlineData("/agent/schemas/complete_task/nothing")]
    [InlineData("/agent/schemas/nothing")]
    [InlineData("/agent/schemas/search_services")]
    [InlineData("/agent/schemas/decide_by_link")]
    public async Task What_has_no_schema_is_not_found(string path)
    {
        await using var api = await RunningApi.Start();

        (await api.Client.Get(path, await api.Client.OpenSession())).Refused(404, "not_found");
    }

    [Fact]
    public async Task The_schema_of_an_operation_is_anybodys_and_a_services_its_tenants()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();

        var offered = (await api.Client.Get("/?schemas=full")).Expect(200).NextActions[0].GetProperty("body_schema");
        var declared = (await api.Client.Get("/agent/schemas/auth")).Expect(200).Data.GetProperty("schema");

        Assert.Equal(Names(declared), Names(offered));
        (await api.Client.Get("/agent/schemas/run_service/summary")).Refused(401, "unauthorized");
    }

    /// <summary>As the seed of agents' API shows it: {"action","endpoint":"/agent/tasks/{campaign_id}","params":{"campaign_id":"..."},"description"}.</summary>
    [Fact]
    public async Task With_templates_an_action_has_placeholders_and_what_fills_them_and_its_schema_by_reference()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        var token = await api.Client.OpenSession();

        var usual = (await api.Client.Get("/agent/services", token)).Expect(200).NextActions;
        var found = (await api.Client.Get("/agent/services?next_actions=template", token)).Expect(200).NextActions;

        var task = found.Single(action => action.GetProperty("action").GetString() == "get_task");
        Assert.Equal(("/agent/tasks/{campaign_id}", """{"campaign_id":"survey"}"""), (task.GetProperty("endpoint").GetString(), task.GetProperty("params").GetRawText()));
        Assert.Equal("/agent/tasks/survey", usual.Single(action => action.GetProperty("action").GetString() == "get_task").GetProperty("endpoint").GetString());
        Assert.All(found, action => Assert.False(action.TryGetProperty("body_schema", out _)));
        Assert.Equal("{}", (await api.Client.Get("/agent/consents?next_actions=template", token)).Expect(200).NextActions.First(action => action.GetProperty("endpoint").GetString()!.IndexOf('{', StringComparison.Ordinal) < 0).GetProperty("params").GetRawText());
        var refused = (await api.Client.Post("/agent/services/summary/run?next_actions=template", token, Support.Catalogue.Input)).Refused(402, "payment_required");
        Assert.Contains("{campaign_id}", refused.Error.GetProperty("next_actions").GetRawText(), StringComparison.Ordinal);
        (await api.Client.Get("/agent/services?next_actions=full", token)).Refused(422, "validation_failed");
    }

    [Theory]
    [InlineData("schemas=none")]
    [InlineData("schemas=full&schemas=full")]
    [InlineData("schemas=")]
    public async Task Another_wish_is_refused_and_nothing_is_done(string query)
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        var token = await api.Client.OpenSession();

        var refused = (await api.Client.Post($"/agent/tasks/survey/complete?{query}", token, Support.Catalogue.Completion)).Refused(422, "validation_failed");

        Assert.Equal("schemas", refused.Error.GetProperty("details")[0].GetProperty("path").GetString());
        Assert.Empty((await api.Client.Get("/agent/flow/status", token)).Data.GetProperty("completed_tasks").EnumerateArray());
    }

    [Fact]
    public async Task A_mutation_hears_the_wish_too()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        var token = await api.Client.OpenSession();

        var done = (await api.Client.Post("/agent/tasks/survey/complete?schemas=full", token, Support.Catalogue.Completion)).Expect(201);

        Assert.Equal(JsonValueKind.Object, done.NextActions[0].GetProperty("body_schema").ValueKind);
        Assert.Equal(["next_actions[].body_schema"], done.Json.GetProperty("untrusted_fields").EnumerateArray().Select(f => f.GetString()));
    }

    private static IEnumerable<string> Names(JsonElement schema) => schema.GetProperty("properties").EnumerateObject().Select(p => p.Name);
}
