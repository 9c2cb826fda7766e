using System.Collections.Concurrent;
using System.Text.Json;
using Agora.Crash.Support;
using Agora.Testing;
using Xunit.Abstractions;

namespace Agora.Crash;

/// <summary>
/// Tools of upstreams on the real program, through kill -9. A run that was sent and whose outcome is unknown costs nothing and is not sent again; what an operator or a user has said of one stands.
/// </summary>
public sealed class UpstreamTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Agents = 8;
    private const int RunsOfEach = 20;
    private const int Asked = 24;

    /// <summary>What the design promises after faults stop.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(120);
    private readonly DataDirectory _directory = new();
    private ToolServer[] _instances = [];
    private ApiClient _api = null!;
    private RestartedServer _server = null!;

    private IEnumerable<ToolExchange> Calls => _instances.SelectMany(instance => instance.Calls);

    public async Task InitializeAsync()
    {
        _instances = [await ToolServer.Start(FreePort.Next()), await ToolServer.Start(FreePort.Next())];
        var address = ServerProcess.FreeAddress();
        _api = new(address);
        _server = new(_directory, address, ToolMarket.Allowed(_instances));
        await _server.Start();
    }

    public async Task DisposeAsync()
    {
        _api.Dispose();
        await _server.DisposeAsync();
        foreach (var instance in _instances)
        {
            await instance.DisposeAsync();
        }

        _directory.Dispose();
    }

    [Fact]
    public async Task Kill_9_while_tools_are_called_charges_nothing_twice_sends_no_run_twice_and_leaves_no_hold()
    {
        await ToolMarket.Put(_api, _instances);
        var agents = new List<OpenSession>();
        for (var agent = 0; agent < Agents; agent++)
        {
            agents.Add(await ToolMarket.Agent(_api, $"agent-{agent}"));
        }

        await ToolMarket.Approve(_api, "add", agents[0]);
        var work = new ToolWork(_api, agents);

        // Anywhere in the middle of it, and when each agent waits for a tool.
        var first = work.Do(RunsOfEach);
        await Market.Eventually(() => Task.FromResult(work.Done.Count), done => done >= Agents * RunsOfEach / 2, Bound);
        await KillAndStart(work);
        await first;
        var gate = Hold();
        var second = work.Do(RunsOfEach);
        await Market.Eventually(() => Task.FromResult(gate.Waiting.Count), waiting => waiting == Agents, Bound);
        await KillAndStart(work, gate);
        await second;

        Assert.True(work.Unexpected.IsEmpty, string.Join('\n', work.Unexpected.Take(10)) + "\n" + _server.Output);
        var lost = gate.Waiting.Select(ToolMarket.RunId).ToList();
        Assert.Empty(lost.Intersect(work.Done.Select(run => run.RunId)));
        var paid = work.Done.Select(run => run.RunId).ToHashSet();
        Assert.Equal(2 * Agents * RunsOfEach - work.Voided.Count, paid.Count);
        Assert.Equal(paid.Count, work.Done.Count);
        await MoneyAgrees(agents, paid.Count + 1); // the first showed that it was approved
        NoRunIsSentTwice();
        Assert.Equal("approved", await ToolMarket.State(_api, "add"));
        output.WriteLine($"{paid.Count} runs paid, {work.Voided.Count} void whose key was sent again, {Calls.Count()} calls of {Calls.Select(ToolMarket.RunId).Distinct().Count()} runs");
        await _server.Stop();
        await ServerProcess.Verify(_directory.Path);
    }

    [Fact]
    public async Task Kill_9_while_a_user_is_asked_for_a_tools_run_and_just_after_the_yes_leaves_the_yes_and_sends_it_once_at_most()
    {
        await ToolMarket.Put(_api, _instances);
        var agent = await ToolMarket.Agent(_api, "agent-1");
        await ToolMarket.Approve(_api, "add", agent);
        await AsksAbove(agent, ToolMarket.PriceCents - 1);
        var runs = new List<string>();
        for (var n = 0; n < 3; n++)
        {
            runs.Add((await ToolMarket.Run(_api, agent, "add", n, $"key-{n}")).Expect(202).Data.GetProperty("run_id").GetString()!);
        }

        // The first is with its tool, the second may be on its way, the third waits for its user.
        var gate = Hold();
        (await Decide(runs[0], "approve")).Expect(200);
        await Market.Eventually(() => Task.FromResult(gate.Waiting.Count), waiting => waiting == 1, Bound);
        (await Decide(runs[1], "approve")).Expect(200);
        await _server.Kill();
        gate.Open();
        await _server.Start();

        Assert.Equal("upstream_timeout", (await Market.Eventually(() => ToolMarket.Run(_api, agent, "add", 0, "key-0"), reply => reply.Status != 202, Bound)).Expect(504).Code);
        var second = await Market.Eventually(() => ToolMarket.Run(_api, agent, "add", 1, "key-1"), reply => reply.Status != 202, Bound);
        Assert.True(second.Status is 200 or 504, $"{second}");
        Assert.Equal("approval_decided", (await Decide(runs[0], "deny")).Expect(409).Code);
        Assert.Equal("approval_decided", (await Decide(runs[1], "deny")).Expect(409).Code);
        Assert.Equal("awaiting_approval", (await ToolMarket.Run(_api, agent, "add", 2, "key-2")).Expect(202).Data.GetProperty("state").GetString());
        (await Decide(runs[2], "approve")).Expect(200);
        await Market.Eventually(() => ToolMarket.Run(_api, agent, "add", 2, "key-2"), reply => reply.Status == 200, Bound);

        await MoneyAgrees([agent], second.Status == 200 ? 3 : 2);
        NoRunIsSentTwice();
        Assert.Single(Calls, call => ToolMarket.RunId(call) == runs[0]);
        Assert.Single(Calls, call => ToolMarket.RunId(call) == runs[2]);
    }

    [LongFact]
    public async Task Kill_9_while_an_operator_approves_tools_keeps_each_yes_and_gives_agents_nothing_without_one()
    {
        foreach (var instance in _instances)
        {
            instance.Tools.Clear();
            instance.Tools.AddRange(Enumerable.Range(0, Asked + 1).Select(n => ToolServer.Tool($"t{n}")).Append(ToolServer.Tool("moved")));
        }

        await ToolMarket.Put(_api, _instances);
        var agent = await ToolMarket.Agent(_api, "agent-1");
        await ToolMarket.Approve(_api, "moved", agent);
        _instances.ToList().ForEach(instance => instance.Tools[^1] = ToolServer.Tool("moved", "Another"));
        await ToolMarket.Refresh(_api);
        var shown = await ToolMarket.Tools(_api);
        Assert.Equal("changed", shown["moved"].GetProperty("state").GetString());
        var (said, left) = (new ConcurrentBag<string>(), new ConcurrentQueue<string>(Enumerable.Range(0, Asked).Select(n => $"t{n}")));

        for (var round = 1; round <= 2; round++)
        {
            var (until, midst) = (round * Asked / 4, new TaskCompletionSource());
            var approving = Enumerable.Range(0, 3).Select(_ => ApproveUntilItDies(left, shown, said, () =>
            {
                if (said.Count >= until)
                {
                    midst.TrySetResult();
                }
            })).ToList();
            await midst.Task.WaitAsync(Bound);
            await _server.Kill();
            await Task.WhenAll(approving);
            await _server.Start();
        }

        var stands = await ToolMarket.Tools(_api);
        Assert.All(said, tool => Assert.Equal("approved", stands[tool].GetProperty("state").GetString()));
        Assert.All(stands.Keys.Except(["moved"]), tool => Assert.Contains(stands[tool].GetProperty("state").GetString(), new[] { "approved", "offered" }));
        Assert.All(left.Append($"t{Asked}"), tool => Assert.Equal("offered", stands[tool].GetProperty("state").GetString())); // nobody asked for these
        Assert.Equal("changed", stands["moved"].GetProperty("state").GetString());
        var approved = stands.Where(tool => tool.Value.GetProperty("state").GetString() == "approved").Select(tool => tool.Key).ToList();
        await Task.WhenAll(approved.Select(tool => ToolMarket.Runs(_api, tool, agent)));
        Assert.All(await Task.WhenAll(stands.Keys.Except(approved).Select(tool => ToolMarket.Run(_api, agent, tool, 0))), reply => Assert.Equal("not_found", reply.Expect(404).Code));

        Assert.Equal(approved.Append("moved").Order(StringComparer.Ordinal), Calls.Select(call => call.Tool).Order(StringComparer.Ordinal));
        await MoneyAgrees([agent], approved.Count + 1);
        output.WriteLine($"{said.Count} of {Asked - left.Count} were acknowledged, {approved.Count} stand");
    }

    private async Task ApproveUntilItDies(ConcurrentQueue<string> tools, IReadOnlyDictionary<string, JsonElement> shown, ConcurrentBag<string> said, Action then)
    {
        try
        {
            while (tools.TryDequeue(out var tool))
            {
                (await ToolMarket.Approve(_api, tool, shown[tool])).Expect(200);
                said.Add(tool);
                then();
            }
        }
        catch (HttpRequestException)
        {
            // Nobody knows of this one.
        }
    }

    private async Task KillAndStart(ToolWork work, Gate? gate = null)
    {
        work.ServerDown();
        await _server.Kill();
        gate?.Open();
        await _server.Start();
        work.ServerUp();
    }

    /// <summary>From now on calls come, and are not answered until it is opened.</summary>
    private Gate Hold()
    {
        var gate = new Gate();
        foreach (var instance in _instances)
        {
            var answers = instance.OnCall;
            instance.OnCall = async call =>
            {
                if (!gate.IsOpen)
                {
                    gate.Waiting.Enqueue(call);
                    await gate.Opened;
                }

                await answers(call);
            };
        }

        return gate;
    }

    private async Task AsksAbove(OpenSession agent, int cents)
    {
        const string All = """["*"]""";
        (await _api.Admin(HttpMethod.Put, $"/admin/users/{agent.UserId}", """{"attributes":{}}""")).Expect(200);
        (await _api.Admin(HttpMethod.Put, $"/admin/users/{agent.UserId}/grants/agent-1", $$"""{"scopes":{"allowed_task_types":{{All}},"allowed_data_types":{{All}},"allowed_categories":{{All}},"allowed_consents":{{All}},"budget_limit_cents":10000},"require_approval_above_cents":{{cents}}}""")).Expect(200);
    }

    private Task<Received> Decide(string run, string decision) => _api.Admin(HttpMethod.Post, $"/admin/approvals/{run}", $$"""{"decision":"{{decision}}"}""");

    private async Task MoneyAgrees(IReadOnlyList<OpenSession> agents, int paid)
    {
        var wallets = agents.Select((_, n) => agents.Count == 1 ? "agent:agent-1" : $"agent:agent-{n}").ToList();
        await Market.Eventually(
            async () =>
            {
                var (left, held) = (0m, 0m);
                foreach (var (agent, wallet) in agents.Zip(wallets))
                {
                    var budget = (await _api.Admin(HttpMethod.Get, $"/admin/sessions/{agent.Id}")).Expect(200).Data.GetProperty("budget");
                    var (balance, ofIt) = await ToolMarket.Wallet(_api, wallet);
                    (left, held) = (left + balance, held + ofIt + budget.GetProperty("reserved_cents").GetDecimal());
                    Assert.InRange(budget.GetProperty("spent_cents").GetDecimal(), 0, paid * ToolMarket.PriceCents);
                }

                return (Spent: (agents.Count * ToolMarket.DepositCents) - left, Held: held, Received: paid == 0 ? 0 : (await ToolMarket.Wallet(_api, "calc-provider")).Balance);
            },
            money => money == (paid * ToolMarket.PriceCents, 0, paid * ToolMarket.PriceCents),
            Bound);
    }

    private void NoRunIsSentTwice() => Assert.All(Calls.GroupBy(ToolMarket.RunId), run => Assert.Single(run));

    private sealed class Gate
    {
        private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ConcurrentQueue<ToolExchange> Waiting { get; } = new();

        public bool IsOpen => _opened.Task.IsCompleted;

        public Task Opened => _opened.Task;

        public void Open() => _opened.SetResult();
    }
}
