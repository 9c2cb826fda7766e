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
using Agora.Application.Calls;
using Agora.Application.Catalogue;
using Agora.Application.Chats;
using Agora.Application.Conversations;
using Agora.Application.Flow;
using Agora.Application.Memories;
using Agora.Application.Models;
using Agora.Application.Moves;
using Agora.Application.Operations;
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
using Agora.Hosting;
using Agora.Journal;
using Agora.Providers;
using Agora.Streams;
using Agora.Web;
using Agora.Web.Identity;
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
        services.AddSingleton(static provider => new ReplyWriter(provider.GetRequiredService<OperationTable>(), provider.GetRequiredService<ApiOptions>().Policy)).AddSingleton<IErrorForm, DoorErrors>();
        services.TryAddSingleton(provider => new TenantTimes(provider.GetRequiredService<IEntities>(), provider.GetRequiredService<TimeProvider>(), alone: false));
        services.AddSingleton(provider => new SessionTokens(provider.GetRequiredService<ApiOptions>().TokenKey, provider.GetRequiredService<TenantTimes>()));
        services.AddSingleton(provider => new AgentKeys(provider.GetRequiredService<ApiOptions>().TokenKey)).AddSingleton<StoredAgents>().AddSingleton<ActingAgents>();
        services.AddSingleton<Catalogues>().AddSingleton<IOffers>(static provider => provider.GetRequiredService<Catalogues>()).AddSingleton<SkillChooser>().AddSingleton<SchemaCache>().AddSingleton<TableReader>().AddSingleton<OfferedBodies>().AddSingleton<Guide>().AddSingleton<Corrections>().AddSingleton<ICorrections>(static provider => provider.GetRequiredService<Corrections>()).AddSingleton<RunWaiter>().AddSingleton<ServiceCache>();
        services.AddSingleton<ClockAlarms>().AddSingleton<WrongKeys>().AddSingleton<Failures>().AddSingleton<Identities>().AddSingleton<KeyHolders>().AddSingleton<KeyGate>().AddSingleton<SessionOwners>().AddSingleton<SignedRequests>().AddSingleton<SessionCalls>().AddSingleton<AgentGate>().AddSingleton<PeerGate>().AddSingleton<Ownership>().AddSingleton<OperatorIdentities>().AddSingleton<OperatorGate>().AddSingleton<LinkGate>().AddSingleton<GptTokens>().AddSingleton<DerivedKeys>().AddSingleton<DerivedAttempts>().AddSingleton<GptGate>();
        services.AddSingleton<RunPayments>().AddSingleton<AgentRuns>().AddSingleton<RunStarts>().AddSingleton(static provider => new RunSettings(provider.GetRequiredService<ApiOptions>().X402, provider.GetRequiredService<ApiOptions>().TokenKey)).AddSingleton<Receipts>().AddSingleton<CompletionReport>().AddSingleton<Ledger>().AddSingleton<PayableWallets>().AddSingleton<WalletStatements>().AddSingleton<AgentWallets>().AddSingleton<AgentServices>().AddSingleton<AgentTasks>().AddSingleton<AgentSession>().AddSingleton<AgentSignIn>().AddSingleton<RecordedRuns>().AddSingleton<ApprovalLinks>();
        services.AddSingleton<ListCursors>().AddSingleton(static provider => new FeedCursors(provider.GetRequiredService<ApiOptions>().TokenKey)).AddSingleton<EmptyLists>().AddSingleton<WholeLists>().AddSingleton<OperatorLists>().AddSingleton<AuditHistory>().AddSingleton<RunTotals>().AddSingleton<SpendingTrees>().AddSingleton<CallRows>().AddSingleton<Payments>().AddSingleton<NodeLimits>().AddSingleton<OpenHolds>().AddSingleton<UserLinks>().AddSingleton<ActivityRecorder>().AddSingleton<KeyedSearch>().AddSingleton<OperationTable>().AddSingleton<Handlers>().AddSingleton<MetricsText>();
        services.AddSingleton<InnerCalls>().AddSingleton<ToolTable>().AddSingleton<HubTools>().AddSingleton<ResourceTable>().AddSingleton<ToolCalls>().AddSingleton<ToolReply>().AddSingleton<KeySessions>().AddSingleton<Bearers>();
        services.AddSingleton<Introductions>().AddSingleton<PeerConversations>();
        services.TryAddSingleton<IReadOnlyList<Provider>>([]);
        services.TryAddSingleton<IReadOnlyList<Moderator>>([]);
        services.AddSingleton<ModelCatalogue>().AddSingleton<ModelModeration>().AddSingleton<ModelCounts>().AddSingleton<LiveReplies>().AddSingleton<KeptReplies>().AddSingleton<ReplyProgress>().AddSingleton<ModelReplies>().AddSingleton<ChatBooks>().AddSingleton<ChatContexts>().AddSingleton<ChatSummaries>().AddSingleton<ChatSentiments>().AddSingleton<InnerRuns>().AddSingleton<ChatReplies>().AddSingleton<ChatFiles>().AddSingleton<AgentChats>().AddSingleton<ImportWalk>().AddSingleton<AgentMoves>().AddSingleton<ScenarioBooks>().AddSingleton<PlayCalls>().AddSingleton<AgentPlays>().AddSingleton<WatchBooks>().AddSingleton<WatchContexts>().AddSingleton<WatchOutcomes>().AddSingleton<WatchTurns>().AddSingleton<AgentWatches>().AddSingleton(static provider => new WatchSettings(new(WatchEndpoints.Begin.StoredName, WatchEndpoints.Begin.Endpoint, "", provider.GetRequiredService<ApiOptions>().Policy), provider.GetRequiredService<ApiOptions>().Tenants)).AddSingleton<WatchEvents>().AddSingleton<FirstTimes>().AddSingleton<ModelRoutes>().AddSingleton<ModelRoom>().AddSingleton<ModelCache>().AddSingleton<ModelMetrics>().AddSingleton<ModelCalls>().AddSingleton<OpenCalls>().AddHostedService(static provider => provider.GetRequiredService<OpenCalls>()).AddSingleton<WatchDriver>().AddHostedService(static provider => provider.GetRequiredService<WatchDriver>());
        services.AddSingleton<IMemorySearch>(static provider => new MemoryIndex(provider.GetRequiredService<MemoryLog>())).AddSingleton<UserMemories>().AddSingleton<AgentMemories>().AddSingleton<StoredPreferences>();
        services.AddSingleton<DeskChanges>().AddSingleton<Passwords>().AddSingleton<WrongPasswords>().AddSingleton<SignedInBefore>().AddSingleton<People>().AddSingleton<SignIns>().AddSingleton<DeskSignIns>().AddSingleton(static p => new OperatorDesk(p.GetRequiredService<InnerCalls>(), p.GetRequiredService<DeskSignIns>(), p.GetRequiredService<People>(), p.GetRequiredService<OperationTable>()));
        services.AddSingleton(static p => new TalkDesk(p.GetRequiredService<InnerCalls>(), p.GetRequiredService<OperationTable>(), p.GetRequiredService<ApiOptions>(), p.GetRequiredService<SessionTokens>(), p.GetRequiredService<SignIns>(), p.GetRequiredService<SessionOwners>(), p.GetRequiredService<TimeProvider>())).AddSingleton<SignInFlows>().AddSingleton(static p => new OpenIdSignIns(p.GetRequiredService<ApiOptions>(), p.GetServices<IssuerSignIn>(), p.GetRequiredService<Identities>(), p.GetRequiredService<SignInFlows>(), p.GetRequiredService<DeskSignIns>(), p.GetRequiredService<WrongKeys>(), p.GetRequiredService<SignedInBefore>(), p.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IInboxPages, InboxPages>().AddSingleton<Inboxes>().AddHostedService(static provider => provider.GetRequiredService<Inboxes>());
        services.AddSingleton<StreamTail>().AddSingleton<A2a.Tasks>().AddSingleton<SocketCalls>().AddSingleton<CredentialChanges>().AddSingleton<Sockets>().AddSingleton<IInboxSockets>(static provider => provider.GetRequiredService<Sockets>()).AddHostedService(static provider => provider.GetRequiredService<Sockets>());
        services.AddHostedService<CatalogueFeed>().AddHostedService<UnresolvedPayments>().AddSingleton<MoneyWatch>().AddHostedService(static p => p.GetRequiredService<MoneyWatch>()).AddSingleton<ICheckup>(static p => p.GetRequiredService<MoneyWatch>()).AddHostedService<MarketWatch>();
        services.AddSingleton<BodyPlaces>().AddSingleton<RequestPlaces>().AddRouting().AddCors().AddSingleton<ICorsPolicyProvider, Origins>().AddResponseCompression(compression => (compression.EnableForHttps, compression.MimeTypes) = (true, Compression.Types)).AddSingleton<IResponseCompressionProvider, Compression>();
        services.Configure<BrotliCompressionProviderOptions>(brotli => brotli.Level = CompressionLevel.Fastest).Configure<GzipCompressionProviderOptions>(gzip => gzip.Level = CompressionLevel.Fastest);
        services.AddOptions<ForwardedHeadersOptions>().Configure<ApiOptions>(Believe);
        return services.AddFeatures();
    }

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
        .Add<RootDocument>().Add<OpenApiDocument>().AddSingleton<IApiDocument>(static provider => provider.GetRequiredService<OpenApiDocument>()).Add<DeclaredSchemas>().Add<Health>().Add<ErrorPages>().AddSingleton<IFeature>(p => p.GetRequiredService<MetricsText>()).Add<KeySet>()
        // Agents'.
        .Add<AuthEndpoints>().Add<SchemaEndpoints>().Add<ServiceEndpoints>().Add<TaskEndpoints>().Add<RunEndpoints>().Add<ReceiptEndpoints>().Add<WalletEndpoints>().Add<SessionEndpoints>().Add<DelegationEndpoints>().Add<MemoryEndpoints>().Add<PreferenceEndpoints>()
        // Agents' among each other.
        .Add<RegistryEndpoints>().Add<BlockEndpoints>().Add<ReportEndpoints>().Add<ConversationEndpoints>().Add<InboxEndpoints>().Add<InboxWebhookEndpoints>()
        // Agents' with models, for their users.
        .Add<FeedbackEndpoints>().Add<ChatEndpoints>().Add<ChatModels>().Add<Attachments>().Add<MoveEndpoints>().Add<WatchEndpoints>().Add<ScenarioEndpoints>()
        // Operators'.
        .Add<UserEndpoints>().Add<OwnUserEndpoints>().Add<RaiseEndpoints>().Add<PersonEndpoints>().Add<AgentEndpoints>().Add<ServiceAdminEndpoints>().Add<TryEndpoints>().Add<CampaignEndpoints>().Add<ProgressEndpoints>().Add<RewardEndpoints>().Add<SessionAdminEndpoints>().Add<SpendingEndpoints>().Add<UsageEndpoints>().Add<RerateEndpoints>().Add<EstimateEndpoints>()
        .Add<RunAdminEndpoints>().Add<CancelRunEndpoints>().Add<PaymentAdminEndpoints>().Add<SettlementEndpoints>().Add<CompletionAdminEndpoints>().Add<ProofEndpoints>().Add<ApprovalAdminEndpoints>().Add<WalletAdminEndpoints>().Add<RefusalAdminEndpoints>().Add<RefusalEndpoints>().Add<HeadroomEndpoints>().Add<ActivityEndpoints>().Add<BusinessEndpoints>().Add<JournalEndpoints>().Add<AuditAdminEndpoints>().Add<ActEndpoints>().Add<SearchEndpoints>().Add<PolicyEndpoints>().Add<WebhookEndpoints>().Add<WebhookDeliveryEndpoints>().Add<EventEndpoints>().Add<CheckEndpoints>().Add<ClockEndpoints>().Add<TestAnswerEndpoints>().Add<UpstreamEndpoints>().Add<UpstreamToolEndpoints>().Add<ScenarioAdminEndpoints>().Add<ReportAdminEndpoints>()
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
