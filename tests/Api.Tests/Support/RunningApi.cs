using System.Net;
using Agora.Api.Hosts;
using Agora.Api.Proof;
using Agora.Application.Reading;
using Agora.Contracts;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Grains.Conversations;
using Agora.Grains.Kernel;
using Agora.Grains.Memories;
using Agora.Grains.Payments;
using Agora.Grains.Services;
using Agora.Grains.Tests;
using Agora.Grains.Webhooks;
using Agora.Hosting;
using Agora.Journal;
using Agora.Journal.Memory;
using Agora.Journal.Personal;
using Agora.Outbound;
using Agora.Outbound.Commands;
using Agora.Proof.Checkpoints;
using Agora.Proof.Keys;
using Agora.Providers;
using Agora.Web;
using Agora.X402;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans;

namespace Agora.Api.Tests.Support;

/// <summary>
/// The whole API on a loopback port, over real grains and the reference journal; only the services outside are played. It is what a
/// test talks HTTP to. Tests share only the silo that their grains live on, and each has a world of its own there (<see cref="SiloWorld"/>).
/// </summary>
internal sealed class RunningApi : IAsyncDisposable
{
    /// <summary>A host that only operators have called.</summary>
    public const string OperatorsOwn = "inside.example";

    public const string AdminKey = "admin-key-of-the-tests-0123456789";
    public const string PlatformKey = "platform-key-of-the-tests-0123456789";
    public const string TestAdminKey = "test_admin-key-of-the-tests-0123456789";
    public const string TestPlatformKey = "test_platform-key-of-the-tests-0123456789";
    public const string TestGptKey = "test_gpt-key-of-the-tests-0123456789-0";
    public const string SecondAdminKey = "admin-key-of-the-second-tenant-0123456789";
    public const string SecondPlatformKey = "platform-key-of-the-second-tenant-0123456789";
    public const string SecondOtherPlatformKey = "other-platform-key-of-the-second-tenant-0123456789";
    public const string GptKey = "gpt-key-of-the-tests-0123456789-012345";
    public const string SecondGptKey = "gpt-key-of-the-second-tenant-0123456789";

    /// <summary>Who owns what a sponsor's and a principal's keys are for.</summary>
    public const string Owner = "FIRSTS";

    /// <summary>Who sees nothing of the default tenant's, nor shows it anything.</summary>
    public static readonly Tenant Second = Tenant.Parse("second")!;

    /// <summary>How a process with a facilitator is paid.</summary>
    public static readonly PaymentTerms Terms = new(
        "eip155:84532", "0x036CbD53842c5426634e7929541eC2318f3dCF7e", "0x209693Bc6afc0C5328bA36FaF03C514EF312287C", "USDC", "2", 6);

    private readonly EngineOver _engine;
    private readonly WebApplication _app;
    private HttpOutbound? _outbound;
    private readonly HttpOutbound? _told;
    private readonly CalledTools? _hub;
    private readonly PagesOfApi _inboxes = new();

    private RunningApi(IGrainFactory silo, SessionPolicy policy, TimeSpan runWait, byte[]? tokenKey, Uri? facilitator, IReadOnlyList<IPNetwork> trustedProxies, ILoggerProvider? log, Func<IEntities, IEntities>? edge, IJournal? store, IReadOnlyList<string> corsOrigins, TimeProvider time, int gptRatePerMinute, IEnumerable<IssuerKeys> issuers, bool tells, IReadOnlyList<AllowedCommand>? commands, IFeature? feature, IReadOnlyList<Provider>? models, IReadOnlyList<Moderator>? moderators, IReadOnlyList<string> publicUrls)
    {
        var journal = store ?? new MemoryJournal(time);
        _hub = commands is null ? null : new(commands, log);
        _engine = new(journal, _hub ?? (IServiceCaller)Service, TaskScheduler.Default, time, create => new SiloWorld(silo, time, create), FacilitatorAt(facilitator), tells ? new WebhookPost(_told = new(AllowList.Parse("127.0.0.0/8"), TimeProvider.System), TimeProvider.System) : null, _hub?.Servers, _inboxes);
        var (entities, keys) = (new Entities(_engine.Calls), _engine.Ports.Keys);

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        if (log is not null)
        {
            builder.Logging.AddProvider(log);
        }

        builder.WebHost.ConfigureKestrel(static kestrel =>
        {
            WebServer.Configure(kestrel);
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Listen(IPAddress.Loopback, 0, static endpoint => endpoint.Protocols = HttpProtocols.Http2);
        });
        builder.Services.AddSingleton(time).AddSingleton(_engine.Ports.Times!).AddSingleton(edge is null ? entities : edge(entities)).AddSingleton<ITables>(journal).AddSingleton<IFeed>(journal).AddSingleton<IJournalReader>(new RowReader(_engine.Ports)).AddSingleton<IRecordedStates>(new RecordedStates(journal, keys, _engine.Ports.Snapshots)).AddSingleton<IPersonalTexts>(new PersonalTexts(keys)).AddSingleton<IPolicyReplay>(new PolicyReplay(journal, keys, TimeProvider.System)).AddSingleton(new ConversationLog(journal, keys)).AddSingleton(new PersonalLog(journal, keys)).AddSingleton<MemoryLog>();
        builder.Services.AddSingleton<IJournal>(journal).AddProof(new byte[32], new("agora.example", TimeSpan.FromSeconds(60)));
        if (_hub is not null)
        {
            builder.Services.AddSingleton(_hub.Progress);
        }

        foreach (var issuer in issuers)
        {
            builder.Services.AddSingleton(issuer);
        }

        if (feature is not null)
        {
            builder.Services.AddSingleton(feature);
        }

        if (models is not null)
        {
            builder.Services.AddSingleton(models);
        }

        if (moderators is not null)
        {
            builder.Services.AddSingleton(moderators);
        }

        builder.Services.AddAgoraApi(_ => new ApiOptions
        {
            TokenKey = tokenKey ?? new byte[32],
            Targets = [new(DailyTarget.Payments, 1), new(DailyTarget.ReturningPercent, 0), new(DailyTarget.Messages, 10)],
            OperatorKeys = [AccessKey.Of(Tenant.Default, "tests", AdminKey), AccessKey.Of(Second, "tests", SecondAdminKey), AccessKey.Of(Tenant.Default.Test, "tests", TestAdminKey), .. RoleKeys],
            PlatformKeys = [AccessKey.Of(Tenant.Default, AccessKeys.PlatformName, PlatformKey), AccessKey.Of(Second, "tests", SecondPlatformKey), AccessKey.Of(Tenant.Default.Test, AccessKeys.PlatformName, TestPlatformKey), AccessKey.Of(Second, "others", SecondOtherPlatformKey)],
            GptKeys = [AccessKey.Of(Tenant.Default, "chat", GptKey), AccessKey.Of(Second, "chat", SecondGptKey), AccessKey.Of(Tenant.Default.Test, "chat", TestGptKey)],
            GptRatePerMinute = gptRatePerMinute,
            Policy = policy,
            X402 = facilitator is null ? null : Terms,
            Facilitator = facilitator,
            RunWait = runWait,
            TrustedProxies = trustedProxies,
            CorsOrigins = corsOrigins,
            PublicUrls = publicUrls,
            AgentEndpointRefusal = static endpoint => endpoint.Contains(OperatorsOwn, StringComparison.Ordinal) ? "No agent has that called." : null,
            CommandRefusal = static (tenant, command) => command == OperatorsOwn.Split('.')[0] ? $"No such command is allowed to {tenant}." : null,
            NotReady = _ => Task.FromResult<string?>(null),
        });
        _app = builder.Build();
        _inboxes.Of = _app.Services.GetRequiredService<IInboxPages>();
        _hub?.Begin(entities, journal, new(journal, keys), _app.Services.GetRequiredService<SkillChooser>());
        _app.RecordExchanges();
        _app.UseAgora();
        _app.MapAgora();
    }

    /// <summary>One of each role but admin, and of an owner's role one more whose owner has nothing.</summary>
    private static IEnumerable<AccessKey> RoleKeys => Roles.All.Where(role => role.Role != Role.Admin).SelectMany(role => Roles.Owners.HasFlag(role.Role)
        ? [AccessKey.Of(Tenant.Default, role.Name, KeyOf(role.Role), role.Role, role.Role == Role.User ? "user-1" : Owner), AccessKey.Of(Tenant.Default, $"other-{role.Name}", KeyOf(role.Role, "other"), role.Role, "others")]
        : (AccessKey[])[AccessKey.Of(Tenant.Default, role.Name, KeyOf(role.Role), role.Role)]);

    /// <summary>Entities that live.</summary>
    public int Activations => _engine.Activations;

    public PlayedService Service { get; } = new();

    public Client Client { get; private set; } = null!;

    /// <summary>Where HTTP/2 is spoken with prior knowledge (RFC 9113 section 3.3).</summary>
    public Uri Http2 => new(_app.Urls.Last());

    public IServiceProvider Services => _app.Services;

    /// <summary>As each minute's does, at once.</summary>
    public async Task<Checkpoint> MakeCheckpoint() =>
        await new CheckpointMaker(Services.GetRequiredService<IJournal>(), Keys, new("agora.example", TimeSpan.Zero), TimeProvider.System).Make(default) ?? throw new InvalidOperationException("no rows");

    /// <summary>As entities have them.</summary>
    public PersonalKeys PersonalKeys => _engine.Ports.Keys;

    public SigningKeys Keys => Services.GetRequiredService<SigningKeys>();

    /// <summary>The key of an operator of this role.</summary>
    public static string KeyOf(Role role, string whose = "own") => role == Role.Admin ? AdminKey : $"key-of-{whose}-{role}-of-the-tests-0123456789";

    /// <param name="store">The caller's; null: the reference journal.</param>
    /// <param name="tells">Webhooks are told what happens, where they are on loopback addresses.</param>
    /// <param name="commands">Upstreams are really called, where they are on loopback addresses or among these; services too. Null: whatever is called is played.</param>
    /// <param name="feature">Routes besides.</param>
    /// <param name="models">Whom models are had from.</param>
    /// <param name="moderators">Who moderates: one, or none.</param>
    /// <param name="edge">Stands between the endpoints and the entities; steps go past it.</param>
    public static async Task<RunningApi> Start(int ratePerMinute = 100_000, int duplicateWindowSeconds = 10, TimeSpan? runWait = null, byte[]? tokenKey = null, int feeBasisPoints = 0, int floodFactor = 0, Uri? facilitator = null, IReadOnlyList<IPNetwork>? trustedProxies = null, ILoggerProvider? log = null, Func<IEntities, IEntities>? edge = null, IJournal? store = null, IReadOnlyList<string>? corsOrigins = null, TimeProvider? time = null, int gptRatePerMinute = 100_000, IEnumerable<IssuerKeys>? issuers = null, bool tells = false, IReadOnlyList<AllowedCommand>? commands = null, IFeature? feature = null, IReadOnlyList<Provider>? models = null, IReadOnlyList<Moderator>? moderators = null, IReadOnlyList<string>? publicUrls = null)
    {
        var api = new RunningApi(await SiloWorld.Silo, new(ratePerMinute, duplicateWindowSeconds, FeeBasisPoints: feeBasisPoints, FloodFactor: floodFactor, FloodMinutes: 1), runWait ?? TimeSpan.FromSeconds(10), tokenKey, facilitator, trustedProxies ?? [], log, edge, store, corsOrigins ?? [], time ?? TimeProvider.System, gptRatePerMinute, issuers ?? [], tells, commands, feature, models, moderators, publicUrls ?? []);
        await api.Keys.Load(mayMake: true, default);
        await api._app.StartAsync();
        var address = new Uri(api._app.Urls.First());
        api.Client = new(address, await DeclaredReplies.At(address));
        return api;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
        await _engine.DisposeAsync();
        if (_hub is not null)
        {
            await _hub.DisposeAsync();
        }

        _outbound?.Dispose();
        _told?.Dispose();
    }

    /// <summary>Of the API that is built over the entities that ask for them.</summary>
    private sealed class PagesOfApi : IInboxPages
    {
        public IInboxPages? Of { private get; set; }

        public Task<InboxLook?> Look(Tenant tenant, string agentId, string after, TimeSpan patience, CancellationToken ending) => Of!.Look(tenant, agentId, after, patience, ending);

        public Task<InboxPageText?> Read(Tenant tenant, string agentId, string from, string upTo, CancellationToken ending) => Of!.Read(tenant, agentId, from, upTo, ending);
    }

    private Facilitator? FacilitatorAt(Uri? address) => address is null ? null
        : new(address, null, _outbound = new(AllowList.Parse($"127.0.0.1:{address.Port}"), TimeProvider.System));
}
