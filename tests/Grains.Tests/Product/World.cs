using Agora.Contracts;
using Agora.Core.Access;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Services;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Grains.Services;
using Agora.Journal;
using Agora.Journal.Memory;

namespace Agora.Grains.Tests.Product;

/// <summary>Where a World's entities run: one process of the test engine, or silos of Orleans.</summary>
internal interface IProcesses : IAsyncDisposable
{
    IEntityCalls Calls { get; }
}

/// <summary>
/// The product without HTTP: a real engine and real committers over the reference journal, and a service that the test plays.
/// Each test project says what <c>Processes</c> are.
/// </summary>
internal sealed class World(IJournal journal, IProcesses processes, PlayedService service, TimeProvider time) : IAsyncDisposable
{
    public static readonly SessionPolicy Policy = new(RateLimitPerMinute: 10_000, DuplicateWindowSeconds: 10);

    public IJournal Journal { get; } = journal;

    public Entities Entities { get; } = new(processes.Calls);

    public PlayedService Service { get; } = service;

    public TimeProvider Time { get; } = time;

    public static async Task<World> Start(IJournal? journal = null)
    {
        var service = new PlayedService();
        journal ??= new MemoryJournal(TimeProvider.System);
        return new(journal, await Processes.Start(journal, service), service, TimeProvider.System);
    }

    public CommandContext New(CommandKey? key = null) =>
        new(key is null ? Guid.CreateVersion7(Time.GetUtcNow()) : Ids.FromKey(StreamId.DefaultTenant, key.Credential, key.Key), null, key);

    public static CommandKey Key(string credential, string key, byte body = 0) =>
        new(credential, key, Convert.ToHexStringLower(Enumerable.Repeat(body, 32).ToArray()), 86_400, Guid.NewGuid());

    public static RequestInfo Request(string operation, string endpoint = "POST /agent/test") => new(operation, endpoint, "", Policy);

    public async Task<string> OpenSession(string user, string agent, long budgetMicros)
    {
        var answer = await Entities.User(user).Send(
            new UserCommand.OpenSession(agent, new(["*"], ["*"], ["*"], ["*"]), budgetMicros, 3_600, Vouched: true), New());
        return ((SessionOpened)answer.Reply!).SessionId;
    }

    public async Task PutCampaign(string id, long fundMicros, int runsPerCompletion = 10, string service = "echo")
    {
        var definition = new CampaignDefinition(
            "Acme", null, new("Survey", "survey", "Say something.", "true", ["opinions"], ["data_sharing"]), [new(service, null)], [], runsPerCompletion, null, null, null, null, null, true);
        var put = await Entities.Campaign(id).Send(new CampaignCommand.PutCampaign(definition), New());
        Assert.IsType<CampaignView>(put.Reply);
        var funded = await Entities.Campaign(id).Send(new CampaignCommand.Fund(fundMicros), New(Key("admin", "fund-" + id)));
        Assert.Equal(fundMicros, ((CampaignView)funded.Reply!).Escrow.RemainingMicros);
    }

    /// <summary>A campaign c1 that pays, and a session of agent a1 for user u1, who has done its task.</summary>
    public async Task<string> Prepare()
    {
        await PutCampaign("c1", 1_000_000);
        var session = await OpenSession("u1", "a1", 500_000);
        Assert.IsType<Completed>((await Complete(session, "c1")).Reply);
        return session;
    }

    public Task<Answer> Complete(string session, string campaign, CommandKey? key = null, string output = "fine") => Entities.Session(session).Send(
        new SessionCommand.CompleteTask(
            Request("do_task"), campaign, new(campaign, "survey", ["opinions"], ["data_sharing"], [], Open: true), [new("data_sharing", true)], Personal.Of(output)),
        New(key));

    public Task<Answer> Run(string session, string campaign, long priceMicros, string input = "hello", CommandKey? key = null, CommandContext? context = null, bool once = false) => Entities.Session(session).Send(
        new RunCommand.RunService(
            Request("run_service"), "echo", new("echo", "writing", priceMicros, "provider-1", null, false, Once: once), Personal.Of(input), input, null, true, null,
            [new(campaign, "Acme", 1_000, null, null)], key is not null),
        context ?? New(key));

    public async Task<CampaignView> Campaign(string id) => (CampaignView)(await Entities.Campaign(id).Send(new CampaignCommand.Get(), New())).Reply!;

    public async Task<SessionView> Session(string id) => (SessionView)(await Entities.Session(id).Send(new SessionCommand.Peek(), New())).Reply!;

    /// <summary>Ends all activations in order, as a clean stop does; a new World on the same journal is the next process.</summary>
    public ValueTask DisposeAsync() => processes.DisposeAsync();
}

/// <summary>The service outside, as the test wants it; remembers what it was asked.</summary>
internal sealed class PlayedService : IServiceCaller
{
    private readonly List<ServiceCall> _calls = [];

    public Func<ServiceCall, Task<StepOutcome>> Answers { get; set; } = call => Task.FromResult<StepOutcome>(new ServiceOutcome.Output("{\"said\":true}"u8.ToArray(), 1));

    public IReadOnlyList<ServiceCall> Calls
    {
        get
        {
            lock (_calls) return [.. _calls];
        }
    }

    public Task Cancel(Tenant tenant, ServiceCancel cancelled, string? trace) => Task.CompletedTask;

    public Task<StepOutcome> Call(Tenant tenant, ServiceCall call, string? trace)
    {
        lock (_calls) _calls.Add(call);
        return Answers(call);
    }
}
