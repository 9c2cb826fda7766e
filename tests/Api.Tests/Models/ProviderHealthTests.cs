using System.Text;
using Agora.Api.Tests.Support;
using Agora.Application.Models;
using Agora.Models;
using Agora.Models.Wires;
using Agora.Outbound;
using Agora.Providers;
using Agora.ScriptedModels;

namespace Agora.Api.Tests.Models;

/// <summary>What one caller's requests bring about at a provider says nothing of the provider to the others.</summary>
public sealed class ProviderHealthTests
{
    /// <summary>With a pause longer than a request waits, so that a request is one attempt.</summary>
    private static readonly Fault Broken = new Fault.Status(500, RetryAfterSeconds: 10);

    [Fact]
    public async Task Requests_of_one_caller_that_the_provider_answers_with_500_leave_it_open_to_all_others()
    {
        await using var world = await World.Start(new() { Faults = [new FaultRule(Broken) { When = static asked => asked.Model == "poison" }] });
        for (var i = 0; i < 40; i++) Assert.IsType<ProviderAnswer.Refused>(await world.Ask("poison", "eve"));

        Assert.IsType<ProviderAnswer.Whole>(await world.Ask("chat", "ann"));
        Assert.IsType<ProviderAnswer.Whole>(await world.Ask("chat", "eve"));
    }

    [Fact]
    public async Task Requests_of_one_agent_for_many_users_that_the_provider_answers_with_500_leave_it_open_to_all_others()
    {
        await using var world = await World.Start(new() { Faults = [new FaultRule(Broken) { When = static asked => asked.Model == "poison" }] });
        for (var i = 0; i < 40; i++) Assert.IsType<ProviderAnswer.Refused>(await world.Ask("poison", $"user-{i}", "eve"));

        Assert.IsType<ProviderAnswer.Whole>(await world.Ask("chat", "ann"));
    }

    [Fact]
    public async Task Failures_of_five_callers_let_the_provider_rest_for_all()
    {
        await using var world = await World.Start(new() { Faults = [FaultRule.Always(Broken)] });
        for (var i = 0; i < 20; i++) Assert.IsType<ProviderAnswer.Refused>(await world.Ask("chat", $"user-{i % 5}"));

        Assert.IsType<ProviderAnswer.Unsent>(await world.Ask("chat", "ann"));
        Assert.Equal(20, world.Upstream.Requests);
    }

    [Theory]
    [InlineData(429, 3)]
    [InlineData(403, 3)]
    [InlineData(402, 2)]
    public async Task A_request_that_is_refused_with_each_key_is_sent_three_times_at_most_and_lets_none_rest(int status, int times)
    {
        await using var world = await World.Start(new() { Faults = [new FaultRule(new Fault.Status(status, Message: "Request too large.")) { When = static asked => asked.Model == "poison" }] }, keys: 4);
        var before = world.Upstream.Requests;
        Assert.IsType<ProviderAnswer.Refused>(await world.Ask("poison", "eve"));
        var went = world.Upstream.Requests - before;
        for (var i = 0; i < 4; i++) await world.Ask("poison", "eve");

        var served = new List<ProviderAnswer>();
        for (var i = 0; i < 8; i++) served.Add(await world.Ask("chat", "ann"));

        Assert.Equal(times, went);
        Assert.All(served, static answer => Assert.IsType<ProviderAnswer.Whole>(answer));
        Assert.Equal(4, world.Upstream.Truths.Where(static truth => truth.Model == "chat").Select(static truth => truth.Key).Distinct().Count());
    }

    /// <summary>429: the key had too much. 402: it has no credit, for which a provider gives no time.</summary>
    [Theory]
    [InlineData(429, 50)]
    [InlineData(402, null)]
    public async Task A_key_that_refuses_one_caller_serves_that_caller_by_another_key_at_once_and_rests_when_it_refused_three(int status, int? retryAfter)
    {
        await using var world = await World.Start(new() { Faults = [new FaultRule(new Fault.Status(status, RetryAfterSeconds: retryAfter)) { Key = "key-0" }] }, keys: 2);
        for (var i = 0; i < 8; i++) Assert.IsType<ProviderAnswer.Whole>(await world.Ask("chat", "ann"));
        Assert.Contains(world.Upstream.Seen, seen => seen.Status == status);

        for (var i = 0; i < 8; i++) Assert.IsType<ProviderAnswer.Whole>(await world.Ask("chat", $"user-{i}"));
        var refused = world.Upstream.Seen.Count(seen => seen.Status == status);
        for (var i = 0; i < 8; i++) Assert.IsType<ProviderAnswer.Whole>(await world.Ask("chat", $"user-{i}"));

        Assert.Equal(refused, world.Upstream.Seen.Count(seen => seen.Status == status));
    }

    [Fact]
    public async Task A_key_that_the_provider_does_not_know_rests_at_once()
    {
        await using var world = await World.Start(new() { Faults = [new FaultRule(new Fault.Status(401)) { Key = "key-0" }] }, keys: 2);
        for (var i = 0; i < 8; i++) Assert.IsType<ProviderAnswer.Whole>(await world.Ask("chat", "ann"));

        Assert.Equal(1, world.Upstream.Seen.Count(static seen => seen.Status == 401));
    }

    /// <summary>As with one key alone.</summary>
    [Fact]
    public async Task A_rate_limit_of_all_keys_that_is_short_is_waited_out()
    {
        await using var world = await World.Start(new() { Faults = [new FaultRule(new Fault.Status(429)) { Key = "key-0", Numbers = [1] }, new FaultRule(new Fault.Status(429)) { Key = "key-1", Numbers = [1] }] }, keys: 2);

        Assert.IsType<ProviderAnswer.Whole>(await world.Ask("chat", "ann"));

        Assert.Equal(3, world.Upstream.Seen.Count);
    }

    [Fact]
    public async Task A_rate_limit_of_the_only_key_that_does_not_rest_is_waited_out()
    {
        await using var world = await World.Start(new() { Faults = [new FaultRule(new Fault.Status(401)) { Key = "key-0" }, new FaultRule(new Fault.Status(429)) { Key = "key-1", When = static asked => asked.Model == "busy", Numbers = [1, 2] }] }, keys: 2);
        for (var i = 0; i < 2; i++) Assert.IsType<ProviderAnswer.Whole>(await world.Ask("chat", "ann"));

        Assert.IsType<ProviderAnswer.Whole>(await world.Ask("busy", "ann"));

        Assert.Equal(1, world.Upstream.Seen.Count(static seen => seen.Status == 401));
    }

    [Fact]
    public async Task A_key_that_is_wrong_is_asked_once_where_there_is_no_other()
    {
        await using var world = await World.Start(new() { Faults = [FaultRule.Always(new Fault.Status(401))] });

        Assert.IsType<ProviderAnswer.Refused>(await world.Ask("chat", "ann"));

        Assert.Equal(1, world.Upstream.Requests);
    }

    [Fact]
    public async Task An_agent_whose_requests_the_provider_answers_with_500_stops_no_agent_of_another_tenant_or_user()
    {
        await using var world = await ModelWorld.Start(new() { Faults = [new FaultRule(Broken) { When = static asked => asked.Model == "poison" }] });
        await world.PutModel("poison", "openai");
        await world.PutModel("sound", "openai");
        var eve = await world.Open(user: "eve");
        for (var i = 0; i < 25; i++) Assert.NotEqual(200, (await world.Door.Ask(eve, "chat", ModelDoorClient.Body("chat", "poison"))).Status);

        (await world.Door.Ask(await world.Open(user: "ann", agent: "agent-2"), "chat", ModelDoorClient.Body("chat", "sound"))).Expect(200);
        (await world.Door.Ask(eve, "chat", ModelDoorClient.Body("chat", "sound"))).Expect(200);
    }

    [Fact]
    public async Task A_thought_signature_goes_back_to_a_compatible_server_and_one_that_refuses_it_is_asked_again_without_it()
    {
        await using var world = await World.Start(new() { Faults = [new FaultRule(new Fault.Status(422)) { When = static asked => asked.Model == "strict" && asked.Body.GetRawText().Contains("extra_content", StringComparison.Ordinal) }] });
        IReadOnlyList<Item> said =
        [
            new Item.Message(Role.User, [new Part.Text("Say something.")]),
            new Item.ToolCall("fc_1", "look", "{}", Seal: new("google", "CiQBsig==")),
            new Item.ToolResult("fc_1", [new Part.Text("Sunny.")]),
        ];

        Assert.IsType<ProviderAnswer.Whole>(await world.Ask("google", "ann", said: said));
        Assert.IsType<ProviderAnswer.Whole>(await world.Ask("strict", "ann", said: said));

        Assert.Equal([true, true, false], world.Upstream.Seen.Select(static seen => Encoding.UTF8.GetString(seen.Body.Span).Contains("CiQBsig==", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_compatible_server_that_refuses_a_call_with_its_signature_and_without_it_says_why_once()
    {
        await using var world = await World.Start(new() { Faults = [new FaultRule(new Fault.Status(400, Message: "First.")) { Numbers = [1] }, new FaultRule(new Fault.Status(400, Message: "Second."))] });

        var refused = Assert.IsType<ProviderAnswer.Refused>(await world.Ask("chat", "ann", said: [new Item.ToolCall("fc_1", "look", "{}", Seal: new("google", "CiQBsig==")), new Item.ToolResult("fc_1", [new Part.Text("Sunny.")])]));

        Assert.Equal(("First.", 2), (refused.Fault.Message, world.Upstream.Requests));
    }

    /// <summary>Providers are there for all tenants, of which two may have users and agents of one name.</summary>
    [Fact]
    public void A_user_and_an_agent_of_one_name_at_two_tenants_are_two_callers_to_a_provider()
    {
        var (here, there) = (ModelCalls.CallerOf(Core.Kernel.Tenant.Default, new("ann", "agent-1")), ModelCalls.CallerOf(RunningApi.Second, new("ann", "agent-1")));

        Assert.NotEqual(here.UserId, there.UserId);
        Assert.NotEqual(here.AgentId, there.AgentId);
    }

    private sealed class World(ScriptedProvider upstream, HttpStreams http, Provider provider) : IAsyncDisposable
    {
        public ScriptedProvider Upstream => upstream;

        public static async Task<World> Start(Script script, int keys = 1)
        {
            string[] names = [.. Enumerable.Range(0, keys).Select(static i => $"key-{i}")];
            var upstream = await ScriptedProvider.Start(script with { Keys = names });
            var http = new HttpStreams(AllowList.Parse("127.0.0.0/8"), TimeProvider.System);
            return new(upstream, http, new(new() { Name = "maker", Wire = new ChatWire(isOpenAi: false), Url = new(upstream.Url, "v1"), Keys = names }, http, TimeProvider.System));
        }

        public Task<ProviderAnswer> Ask(string model, string user, string? agent = null, IReadOnlyList<Item>? said = null) => provider.Call(
            new ModelRequest(model, said ?? [new Item.Message(Role.User, [new Part.Text("Say something.")])]), model, 64, new(user, agent ?? $"agent of {user}"), TimeSpan.FromMinutes(2), null, CancellationToken.None);

        public async ValueTask DisposeAsync()
        {
            await upstream.DisposeAsync();
            http.Dispose();
        }
    }
}
