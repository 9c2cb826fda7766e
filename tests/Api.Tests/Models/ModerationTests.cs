using System.Text.Encodings.Web;
using System.Text.Json.Nodes;
using Agora.Outbound;
using Agora.Providers;
using Agora.ScriptedModels;
using Endpoint = Agora.ScriptedModels.Endpoint;

namespace Agora.Api.Tests.Models;

/// <summary>What is asked of a moderated model is looked at before anything is held: what is flagged costs nothing, and goes to no provider.</summary>
public sealed class ModerationTests
{
    private const string Moderated = ",\"moderated\":true";

    private static Func<HttpStreams, Uri, Moderator> By(bool allows = false, string? key = Script.UsualKey) => (http, at) => new(
        new() { Url = new(at, "v1/moderations"), Key = key, Model = "omni-moderation-latest", Timeout = TimeSpan.FromMinutes(1), AllowsOnFailure = allows }, http, TimeProvider.System);

    private static Script Strict(params FaultRule[] faults) => new() { Flags = text => text.Contains("evil", StringComparison.Ordinal) ? ["violence", "self-harm/intent"] : [], Faults = faults };

    private static FaultRule Failing(Fault fault) => new(fault) { Endpoint = Endpoint.Moderations };

    public static TheoryData<string, string> Flagged => new()
    {
        { "chat", """{"model":"m","messages":[{"role":"user","content":"An evil word."}]}""" },
        { "chat", """{"model":"m","messages":[{"role":"system","content":"evil"},{"role":"user","content":[{"type":"text","text":"a"}]}]}""" },
        { "chat", """{"model":"m","messages":[{"role":"user","content":"a"},{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"look","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c","content":"evil"}],"tools":[{"type":"function","function":{"name":"look"}}]}""" },
        { "chat", """{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"ev"},{"type":"text","text":"il"}]}]}""" },
        { "chat", """{"model":"m","messages":[{"role":"user","content":"a"},{"role":"assistant","content":"evil"},{"role":"user","content":"b"}]}""" },
        { "chat", """{"model":"m","messages":[{"role":"user","content":"a"}],"tools":[{"type":"function","function":{"name":"look","description":"evil"}}]}""" },
        { "chat", """{"model":"m","messages":[{"role":"user","content":"a"}],"response_format":{"type":"json_schema","json_schema":{"name":"s","schema":{"type":"object","description":"evil"}}}}""" },
        { "chat", """{"model":"m","messages":[{"role":"user","content":"a"},{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"look","arguments":"{\"at\":\"evil\"}"}}]},{"role":"tool","tool_call_id":"c","content":"b"}],"tools":[{"type":"function","function":{"name":"look"}}]}""" },
        { "responses", """{"model":"m","instructions":"evil","input":"a"}""" },
        { "responses", """{"model":"m","input":"evil","background":true}""" },
        { "messages", """{"model":"m","max_tokens":20,"system":"evil","messages":[{"role":"user","content":"a"}],"stream":true}""" },
        { "embeddings", """{"model":"v","input":["a","evil"]}""" },
        { "speech", """{"model":"s","voice":"alloy","input":"evil"}""" },
        { "messages count", """{"model":"m","messages":[{"role":"user","content":"evil"}]}""" },
    };

    [Theory]
    [MemberData(nameof(Flagged))]
    public async Task What_is_flagged_is_refused_with_its_categories_and_nothing_is_held_or_sent(string dialect, string body)
    {
        await using var world = await ModelWorld.Start(Strict(), moderator: By());
        await Put(world);
        var session = await world.Open();

        var told = (await world.Door.Ask(session, dialect, body)).Refused(400, "content_refused");

        Assert.Equal(["self-harm/intent", "violence"], told.Error.GetProperty("categories").EnumerateArray().Select(category => category.GetString()));
        Assert.Contains("self-harm/intent, violence", told.Error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(("false", null), (told.Header("x-should-retry"), told.Header("Agora-Run-Id")));
        Assert.Equal((1, 0, (0L, 0L)), (world.Upstream.Requests, world.Upstream.Truths.Count, await world.Budget(session)));
        Assert.Empty((await world.Api.Client.Get("/agent/runs", session.Token)).Expect(200).Data.GetProperty("runs").EnumerateArray());
    }

    [Fact]
    public async Task What_a_model_that_is_not_moderated_was_told_is_looked_at_when_one_that_is_goes_on_from_it()
    {
        await using var world = await ModelWorld.Start(Strict(), moderator: By());
        await Put(world);
        await world.PutModel("free", "openai");
        var session = await world.Open();
        var first = (await world.Door.Ask(session, "responses", ModelDoorClient.Body("responses", "free", "evil"))).Expect(200).Json.GetProperty("id").GetString();

        (await world.Door.Ask(session, "responses", ModelDoorClient.Body("responses", "m", "Go on.", more: $",\"previous_response_id\":\"{first}\""))).Refused(400, "content_refused");
        (await world.Door.Ask(session, "responses count", $$"""{"model":"m","input":"Go on.","previous_response_id":"{{first}}"}""")).Refused(400, "content_refused");
    }

    [Theory]
    [InlineData(400, 503)]
    [InlineData(422, 503)]
    [InlineData(500, 200)]
    public async Task A_moderator_that_will_not_look_at_these_very_texts_is_no_failure_that_lets_them_pass(int answered, int status)
    {
        await using var world = await ModelWorld.Start(Strict(Failing(new Fault.Status(answered))), moderator: By(allows: true));
        await Put(world);
        (await world.Door.Ask(await world.Open(), "chat", ModelDoorClient.Body("chat", "m"))).Expect(status);
    }

    [Fact]
    public async Task What_passes_is_answered_and_a_model_that_is_not_moderated_is_not_asked_about()
    {
        await using var world = await ModelWorld.Start(Strict(), moderator: By());
        await Put(world);
        await world.PutModel("free", "openai");
        var session = await world.Open();

        (await world.Door.Ask(session, "chat", """{"model":"m","messages":[{"role":"user","content":"a \"quoted\" ä"},{"role":"assistant","content":"fine"},{"role":"user","content":"b"}]}""")).Expect(200);
        (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "free", "evil"))).Expect(200);

        await world.Upstream.Idle();
        var asked = Assert.Single(world.Upstream.Seen, seen => seen.Path == "/v1/moderations");
        Assert.Equal("""{"model":"omni-moderation-latest","input":["a \"quoted\" ä","fine","b"]}""", JsonNode.Parse(asked.Body.Span)!.ToJsonString(new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
        Assert.Equal($"Bearer {Script.UsualKey}", asked.Headers["Authorization"]);
    }

    public static TheoryData<string> Failures => ["500", "closed", "cut", "no results", "no key", "nobody"];

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Where_nobody_can_say_it_is_refused_for_now_or_passes_where_the_operator_said_so(string name)
    {
        foreach (var allows in new[] { false, true })
        {
            Fault? fault = name switch
            {
                "500" => new Fault.Status(500),
                "closed" => new Fault.CloseBeforeStatus(),
                "cut" => new Fault.Close(40),
                _ => null,
            };
            var moderator = By(allows, name == "no key" ? null : Script.UsualKey);
            if (name == "no results")
            {
                moderator = (http, at) => new(new() { Url = new(at, "v1/embeddings"), Key = Script.UsualKey, Model = "m", Timeout = TimeSpan.FromMinutes(1), AllowsOnFailure = allows }, http, TimeProvider.System);
            }

            await using var world = await ModelWorld.Start(Strict(fault is null ? [] : [Failing(fault)]), moderator: name == "nobody" ? null : moderator);
            await Put(world);
            var session = await world.Open();

            var told = await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "m"));

            // Where nobody is set up, nobody has said that anything passes.
            if (allows && name != "nobody")
            {
                told.Expect(200);
                continue;
            }

            told.Refused(503, "unavailable");
            Assert.Equal(("true", (0L, 0L)), (told.Header("x-should-retry"), await world.Budget(session)));
            Assert.DoesNotContain(world.Upstream.Truths, truth => truth.Endpoint == Endpoint.Responses);
        }
    }

    [Fact]
    public async Task Numbers_of_tokens_are_not_taken_for_nobody_could_look_at_them()
    {
        await using var world = await ModelWorld.Start(Strict(), moderator: By());
        await Put(world);
        var session = await world.Open();

        (await world.Door.Ask(session, "embeddings", """{"model":"v","input":[1,2]}""")).Refused(400, "validation_failed");

        Assert.Equal(0, world.Upstream.Requests);
    }

    /// <summary>Beyond its rate a session is not asked about, so nobody pays for what is refused anyway.</summary>
    [Fact]
    public async Task Whoever_is_refused_anyway_is_not_asked_about()
    {
        await using var world = await ModelWorld.Start(Strict(), ratePerMinute: 1, moderator: By());
        await Put(world);
        var session = await world.Open();
        (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "m"))).Expect(200);

        (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "m"))).Refused(429, "rate_limited");

        Assert.Equal(2, world.Upstream.Requests);
    }

    [Fact]
    public async Task Its_texts_stand_in_no_log()
    {
        using var log = new KeyTests.AllLogged();
        await using var world = await ModelWorld.Start(Strict(Failing(new Fault.Status(500))), log: log, moderator: By());
        await Put(world);
        var session = await world.Open();

        (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "m", "a word that nobody else says"))).Refused(503, "unavailable");

        Assert.Contains(log.Lines, line => line.Contains("is moderated, and whoever moderates could not be asked", StringComparison.Ordinal));
        Assert.DoesNotContain(log.Lines, line => line.Contains("a word that nobody", StringComparison.Ordinal));
    }

    private static async Task Put(ModelWorld world)
    {
        await world.PutModel("m", "openai", more: Moderated);
        await world.PutOther("v", "openai", "embeddings", more: Moderated);
        await world.PutOther("s", "openai", "speech", more: Moderated);
    }

    [Fact]
    public async Task What_may_go_to_a_moderated_fallback_is_looked_at_first()
    {
        await using var world = await ModelWorld.Start(
            new() { Flags = text => text.Contains("evil", StringComparison.Ordinal) ? ["violence"] : [], Faults = [new FaultRule(new Fault.Status(503)) { When = asked => asked.Model == "plain" }] },
            moderator: static (http, at) => new(new() { Url = new(at, "v1/moderations"), Key = Script.UsualKey, Timeout = TimeSpan.FromSeconds(20) }, http, TimeProvider.System));
        await world.PutModel("strict", "anthropic", more: ",\"moderated\":true");
        await world.PutModel("plain", "openai", more: ",\"fallback\":[\"strict\"]");

        (await world.Door.Ask(await world.Open(), "chat", ModelDoorClient.Body("chat", "plain", "An evil word."))).Refused(400, "content_refused");

        Assert.Empty(world.Upstream.Truths);
    }
}
