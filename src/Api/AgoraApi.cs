using System.IO.Compression;
using Agora.A2a;
using Agora.Api.Admin.Activity;
using Agora.Api.Admin.Acts;
using Agora.Api.Admin.Agents;
using Agora.Api.Admin.Approvals;
using Agora.Api.Admin.Audit;
using Agora.Api.Admin.Campaigns;
using Agora.Api.Admin.Chats;
using Agora.Api.Admin.Checks;
using Agora.Api.Admin.Clocks;
using Agora.Api.Admin.Completions;
using Agora.Api.Admin.Events;
using Agora.Api.Admin.Headroom;
using Agora.Api.Admin.Journal;
using Agora.Api.Admin.Models;
using Agora.Api.Admin.People;
using Agora.Api.Admin.Policies;
using Agora.Api.Admin.Refunds;
using Agora.Api.Admin.Refusals;
using Agora.Api.Admin.Reports;
using Agora.Api.Admin.Runs;
using Agora.Api.Admin.Scenarios;
using Agora.Api.Admin.Search;
using Agora.Api.Admin.Services;
using Agora.Api.Admin.Sessions;
using Agora.Api.Admin.Settlements;
using Agora.Api.Admin.Spending;
using Agora.Api.Admin.Upstreams;
using Agora.Api.Admin.Users;
using Agora.Api.Admin.Wallets;
using Agora.Api.Admin.Webhooks;
using Agora.Api.Approvals;
using Agora.Api.Chats;
using Agora.Api.Chats.Moves;
using Agora.Api.Conversations;
using Agora.Api.Conversations.Sockets;
using Agora.Api.Desk;
using Agora.Api.Documents;
using Agora.Api.Flow;
using Agora.Api.Gpt;
using Agora.Api.Hosts;
using Agora.Api.Mcp;
using Agora.Api.Memories;
using Agora.Api.Metrics;
using Agora.Api.Models;
using Agora.Api.Peers;
using Agora.Api.Proof;
using Agora.Api.Runs;
using Agora.Api.Scenarios;
using Agora.Api.Services;
using Agora.Api.Sessions;
using Agora.Api.Tasks;
using Agora.Api.Wallets;
using Agora.Api.Watches;
using Agora.Application.Catalogue;
using Agora.Application.Chats;
using Agora.Application.Conversations;
using Agora.Application.Flow;
using Agora.Application.Memories;
using Agora.Application.Models;
using Agora.Application.Moves;
using Agora.Application.Reading;
using Agora.Application.Runs;
using Agora.Application.Scenarios;
using Agora.Application.Services;
using Agora.Application.Sessions;
using Agora.Application.Tasks;
using Agora.Application.Wallets;
using Agora.Application.Watches;
using Agora.Contracts;
using Agora.Grains.Clocks;
using Agora.Grains.Conversations;
using Agora.Grains.Kernel;
using Agora.Grains.Memories;
using Agora.Grains.Upstreams;
using Agora.Grains.Webhooks;
using Agora.Journal;
using Agora.Providers;
using Agora.Streams;
using Agora.Web;
using Agora.Web.Lists;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Agora.Api;

/// <summary>The HTTP side of Agora: what it needs, and every route it has.</summary>
public static class AgoraApi
{
    /// <summary>Needs from the host: <see cref="IEntities"/>, <see cref="ITables"/>, <see cref="IFeed"/>, <see cref="IJournalReader"/>, <see cref="IRecordedStates"/>, <see cref="IPersonalTexts"/>, <see cref="IPolicyReplay"/>, <see cref="ConversationLog"/>, <see cref="PersonalLog"/>, <see cref="MemoryLog"/>, what <see cref="ProofParts"/> adds; a <see cref="TimeProvider"/> where it is not the system's.</summary>
    public static IServiceCollection AddAgoraApi(this IServiceCollection services, Func<IServiceProvider, ApiOptions> options)
    {
        services.AddSingleton(options);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<RunProgress>();
        services.TryAddSingleton<Replies>();
        services.TryAddSingleton<IReadOnlyList<Provider>>([]);
        services.TryAddSingleton<IReadOnlyList<Moderator>>([]);
        services.TryAddSingleton(static provider => new TenantTimes(provider.GetRequiredService<IEntities>(), provider.GetRequiredService<TimeProvider>(), alone: false));
        services.AddSettings().AddWeb().AddLists().AddUseCases().AddDoors();
        services.AddSingleton<RequestPlaces>().AddRouting().AddCors().AddSingleton<ICorsPolicyProvider, Origins>()
            .AddResponseCompression(compression => (compression.EnableForHttps, compression.MimeTypes) = (true, Compression.Types)).AddSingleton<IResponseCompressionProvider, Compression>();
        services.Configure<BrotliCompressionProviderOptions>(brotli => brotli.Level = CompressionLevel.Fastest).Configure<GzipCompressionProviderOptions>(gzip => gzip.Level = CompressionLevel.Fastest);
        services.AddOptions<ForwardedHeadersOptions>().Configure<ApiOptions>(Believe);
        return services.AddFeatures();
    }

    /// <summary>What use cases need of the settings of this process.</summary>
    private static IServiceCollection AddSettings(this IServiceCollection services) => services
        .AddSingleton(static provider => RunsOf(provider.GetRequiredService<ApiOptions>())).AddSingleton(static provider => WatchesOf(provider.GetRequiredService<ApiOptions>()));

    private static RunSettings RunsOf(ApiOptions options) => new(options.X402, options.TokenKey);

    private static WatchSettings WatchesOf(ApiOptions options) => new(new(WatchEndpoints.Begin.StoredName, WatchEndpoints.Begin.Endpoint, "", options.Policy), options.Tenants);

    /// <summary>What agents can do. Background work starts in this order, and that of doors after it.</summary>
    private static IServiceCollection AddUseCases(this IServiceCollection services) => services
        .AddReading().AddFlow().AddSessions().AddSingleton<AgentServices>().AddSingleton<AgentTasks>().AddRuns().AddWallets()
        .AddModels().AddMemories().AddChats().AddMoves().AddScenarios().AddWatches()
        .AddConversations();

    /// <summary>What the doors need beside use cases.</summary>
    private static IServiceCollection AddDoors(this IServiceCollection services) => services
        .AddSingleton<IErrorForm, DoorErrors>().AddSingleton<Corrections>().AddSingleton<ICorrections>(static provider => provider.GetRequiredService<Corrections>())
        .AddSingleton<RunStarts>().AddSingleton<Receipts>().AddSingleton<ApprovalLinks>().AddSingleton<ModelReplies>().AddSingleton<WatchEvents>().AddSingleton<IInboxPages, InboxPages>()
        .AddSingleton<ClockAlarms>().AddSingleton<CompletionReport>().AddSingleton<Ledger>().AddSingleton<AuditHistory>().AddSingleton<RunTotals>().AddSingleton<SpendingTrees>().AddSingleton<CallRows>()
        .AddSingleton<Payments>().AddSingleton<NodeLimits>().AddSingleton<OpenHolds>().AddSingleton<ActivityRecorder>().AddSingleton<KeyedSearch>()
        .AddMcp().AddDesks().AddSingleton<StreamTail>().AddSingleton<A2a.Tasks>().AddSockets().AddCatalogue().AddMeasurements();

    /// <summary>Outermost first: the address of the real caller behind proxies, the envelope for failures, the gate that refuses until the process is ready, CORS, the places of HTTP/2 and HTTP/3 requests, compression, and the routes, each by its one spelling.</summary>
    public static IApplicationBuilder UseAgora(this IApplicationBuilder app)
    {
        // A listener that starts late misses what was counted before it.
        app.ApplicationServices.GetRequiredService<MetricsText>();
        return AllowOrigins(BelieveProxies(app).UseMiddleware<LastAnswers>().UseMiddleware<ErrorBoundary>().UseMetricsListener().UseMiddleware<StartGate>()).UseRequestPlaces().UseWebSockets(Sockets.Options).UseResponseCompression().UseRouting().UseExactRoutes();
    }

    public static IEndpointRouteBuilder MapAgora(this IEndpointRouteBuilder routes)
    {
        var provider = routes.ServiceProvider;
        var gates = ActivatorUtilities.CreateInstance<Routes>(provider, routes);
        foreach (var feature in provider.GetServices<IFeature>())
        {
            feature.Map(gates);
        }

        return routes;
    }

    /// <summary>All there is, in the order in which it is published.</summary>
    private static IServiceCollection AddFeatures(this IServiceCollection services) => services
        .Add<RootDocument>().Add<OpenApiDocument>().AddSingleton<IApiDocument>(static provider => provider.GetRequiredService<OpenApiDocument>()).Add<DeclaredSchemas>()
        .Add<Health>().Add<ErrorPages>().AddSingleton<IFeature>(p => p.GetRequiredService<MetricsText>()).Add<KeySet>()
        // Agents'.
        .Add<AuthEndpoints>().Add<SchemaEndpoints>().Add<ServiceEndpoints>().Add<TaskEndpoints>().Add<RunEndpoints>().Add<ReceiptEndpoints>().Add<WalletEndpoints>()
        .Add<SessionEndpoints>().Add<DelegationEndpoints>().Add<MemoryEndpoints>().Add<PreferenceEndpoints>()
        // Agents' among each other.
        .Add<RegistryEndpoints>().Add<BlockEndpoints>().Add<ReportEndpoints>().Add<ConversationEndpoints>().Add<InboxEndpoints>().Add<InboxWebhookEndpoints>()
        // Agents' with models, for their users.
        .Add<FeedbackEndpoints>().Add<ChatEndpoints>().Add<ChatModels>().Add<Attachments>().Add<MoveEndpoints>().Add<WatchEndpoints>().Add<ScenarioEndpoints>()
        // Operators'.
        .Add<UserEndpoints>().Add<OwnUserEndpoints>().Add<RaiseEndpoints>().Add<PersonEndpoints>().Add<AgentEndpoints>().Add<ServiceAdminEndpoints>().Add<TryEndpoints>()
        .Add<CampaignEndpoints>().Add<ProgressEndpoints>().Add<RewardEndpoints>().Add<SessionAdminEndpoints>().Add<SpendingEndpoints>().Add<UsageEndpoints>()
        .Add<RerateEndpoints>().Add<EstimateEndpoints>()
        .Add<RunAdminEndpoints>().Add<CancelRunEndpoints>().Add<PaymentAdminEndpoints>().Add<SettlementEndpoints>().Add<CompletionAdminEndpoints>().Add<ProofEndpoints>()
        .Add<ApprovalAdminEndpoints>().Add<WalletAdminEndpoints>().Add<RefusalAdminEndpoints>().Add<RefusalEndpoints>().Add<HeadroomEndpoints>().Add<ActivityEndpoints>()
        .Add<BusinessEndpoints>().Add<JournalEndpoints>().Add<AuditAdminEndpoints>().Add<ActEndpoints>().Add<SearchEndpoints>().Add<PolicyEndpoints>()
        .Add<WebhookEndpoints>().Add<WebhookDeliveryEndpoints>().Add<EventEndpoints>().Add<CheckEndpoints>().Add<ClockEndpoints>().Add<TestAnswerEndpoints>()
        .Add<UpstreamEndpoints>().Add<UpstreamToolEndpoints>().Add<ScenarioAdminEndpoints>().Add<ReportAdminEndpoints>()
        // People's.
        .Add<GptEndpoints>().Add<GptDocument>().Add<GptPages>().Add<ApprovalEndpoints>()
        // By other protocols: models', and agents' of others.
        .Add<McpEndpoint>().Add<A2aEndpoints>().Add<StreamEndpoints>().Add<ModelDoor>();

    private static IServiceCollection Add<T>(this IServiceCollection services)
        where T : class, IFeature
        => services.AddSingleton<T>().AddSingleton<IFeature>(static provider => provider.GetRequiredService<T>());

    private static IApplicationBuilder BelieveProxies(IApplicationBuilder app) =>
        app.ApplicationServices.GetRequiredService<ApiOptions>().TrustedProxies.Count == 0 ? app : app.UseForwardedHeaders();

    private static IApplicationBuilder AllowOrigins(IApplicationBuilder app) =>
        app.ApplicationServices.GetRequiredService<ApiOptions>().CorsOrigins is { Count: > 0 } ? app.UseCors() : app;

    private static void Believe(ForwardedHeadersOptions forwarded, ApiOptions options)
    {
        forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
        forwarded.ForwardLimit = null; // as far back as proxies are trusted: behind two of them the address is still the client's
        forwarded.KnownProxies.Clear();
        forwarded.KnownIPNetworks.Clear();
        foreach (var network in options.TrustedProxies)
        {
            forwarded.KnownIPNetworks.Add(network);
        }
    }
}
