using Agora.Api.Tests.Support;
using Agora.ScriptedModels;

namespace Agora.Api.Tests.Models;

/// <summary>A name that stands for several models: its rules say which is called, and the run says why.</summary>
public sealed class RouterTests
{
    private static readonly Script SlowBegins = new() { Choose = static asked => asked.Model == "slow" ? new Reply { Before = TimeSpan.FromMilliseconds(400) } : null };

    [Fact]
    public async Task A_model_that_begins_late_is_left_for_the_next_rule_as_soon_as_that_is_measured()
    {
        await using var world = await Start(SlowBegins, """{"to":"slow","first_ms_below":300},{"to":"fast"}""");
        var session = await world.Open();

        var first = (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "either", stream: true))).Expect(200);
        var second = (await world.Door.Ask(session, "messages", ModelDoorClient.Body("messages", "either"))).Expect(200);

        Assert.Equal("either, rule 1: nothing says that its first token takes 300 ms", (await world.Concluded(session, first.Run)).Model!.Route);
        Assert.Equal("either, rule 2: no rule before it fits", (await world.Concluded(session, second.Run)).Model!.Route);
        await world.Upstream.Idle();
        Assert.Equal(["slow", "fast"], world.Upstream.Truths.Select(static truth => truth.Model));
    }

    [Fact]
    public async Task What_comes_whole_or_from_the_cache_says_nothing_of_how_soon_a_model_begins()
    {
        await using var world = await Start(SlowBegins, """{"to":"slow","first_ms_below":300},{"to":"fast"}""");
        await world.PutModel("slow", "openai", more: ",\"cache_seconds\":600");
        var session = await world.Open();

        foreach (var _ in Enumerable.Range(0, 2))
        {
            (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "either"), cache: "max-age=600")).Expect(200);
        }

        var third = (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "either", "Another."))).Expect(200);
        Assert.StartsWith("either, rule 1: nothing says", (await world.Concluded(session, third.Run)).Model!.Route, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_that_begins_soon_is_called_and_the_run_says_how_soon()
    {
        await using var world = await Start(new(), """{"to":"fast","first_ms_below":60000},{"to":"slow"}""");
        var session = await world.Open();
        (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "either", stream: true))).Expect(200);

        var second = (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "either"))).Expect(200);

        Assert.Matches("^either, rule 1: its first token comes after [0-9]+ ms, less than 60000$", (await world.Concluded(session, second.Run)).Model!.Route);
    }

    [Fact]
    public async Task What_an_operator_says_of_a_rule_is_read_back()
    {
        const string Rule = """{"to":"fast","input_tokens_below":5000,"has_tools":false,"has_images":true,"wish":"quick","free_below_cents":12.5,"share_basis_points":100,"first_ms_below":800,"shadow":{"to":"slow","share_basis_points":50},"sentiment":"negative"}""";
        await using var world = await Start(new(), Rule);

        var shown = (await world.Api.Client.Admin(HttpMethod.Get, "/admin/services/either")).Expect(200).Data.GetProperty("routes")[0];

        Assert.True(System.Text.Json.JsonElement.DeepEquals(System.Text.Json.JsonDocument.Parse(Rule).RootElement, shown), shown.GetRawText());
    }

    [Theory]
    [InlineData("0")]
    [InlineData("720001")]
    [InlineData("\"300\"")]
    public async Task A_bound_that_is_none_is_refused(string bound)
    {
        await using var world = await ModelWorld.Start();
        (await Put(world, "either", $$"""{"to":"fast","first_ms_below":{{bound}}}""")).Expect(422);
    }

    [Theory]
    [InlineData("""{"to":"fast"},{"to":"mine"}""", "/routes/1/to")]
    [InlineData("""{"to":"either"}""", "/routes/0/to")]
    [InlineData("""{"to":"fast","shadow":{"to":"mine","share_basis_points":1}}""", "/routes/0/shadow/to")]
    [InlineData("""{"to":"slow"},{"to":"fast","shadow":{"to":"either","share_basis_points":1}}""", "/routes/1/shadow/to")]
    [InlineData("""{"to":"fast","shadow":{"to":"fast","share_basis_points":1}}""", "/routes/0/shadow/to")]
    [InlineData("""{"to":"fast","shadow":{"to":"slow"}}""", "/routes/0/shadow/share_basis_points")]
    [InlineData("""{"to":"fast","shadow":{"to":"slow","share_basis_points":10001}}""", "/routes/0/shadow/share_basis_points")]
    public async Task A_router_that_names_itself_or_another_one_and_a_shadow_that_is_none_are_refused_when_they_are_put(string rules, string path)
    {
        await using var world = await Start(new(), """{"to":"fast"}""");

        Assert.Equal(path, (await Put(world, "mine", rules)).Expect(422).Json.GetProperty("error").GetProperty("details")[0].GetProperty("path").GetString());
        (await Put(world, "mine", """{"to":"fast"}""")).Expect(200);
        var patch = await world.Api.Client.Admin(HttpMethod.Patch, "/admin/services/mine", $$"""{"routes":[{{rules}}]}""");
        Assert.Equal(path, patch.Expect(422).Json.GetProperty("error").GetProperty("details")[0].GetProperty("path").GetString());
        Assert.Equal("fast", (await world.Api.Client.Admin(HttpMethod.Get, "/admin/services/mine")).Expect(200).Data.GetProperty("routes")[0].GetProperty("to").GetString());
    }

    internal static async Task<ModelWorld> Start(Script script, string rules, Agora.Journal.IJournal? store = null, int ratePerMinute = 100_000)
    {
        var world = await ModelWorld.Start(script, ratePerMinute: ratePerMinute, store: store);
        await world.PutModel("slow", "openai");
        await world.PutModel("fast", "anthropic");
        (await Put(world, "either", rules)).Expect(200);
        return world;
    }

    internal static Task<Received> Put(ModelWorld world, string id, string rules) => world.Api.Client.Admin(HttpMethod.Put, $"/admin/services/{id}", $$"""
        {"name":"{{id}}","description":"A router","category":"model","max_price_cents":10000,"endpoint":"model:router","provider":"maker","routes":[{{rules}}]}
        """);
}
