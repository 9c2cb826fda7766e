using Agora.Api.Admin.Agents;
using Agora.Api.Admin.Approvals;
using Agora.Api.Admin.Campaigns;
using Agora.Api.Admin.Policies;
using Agora.Api.Admin.Refunds;
using Agora.Api.Admin.Services;
using Agora.Api.Admin.Sessions;
using Agora.Api.Admin.Users;
using Agora.Api.Admin.Wallets;
using Agora.Api.Approvals;
using Agora.Api.Catalogue;
using Agora.Api.Documents;
using Agora.Api.Flow;
using Agora.Api.Http;
using Agora.Api.Metrics;
using Agora.Api.Proof;
using Agora.Api.Runs;
using Agora.Api.Services;
using Agora.Api.Sessions;
using Agora.Api.Tasks;
using Agora.Api.Wallets;
using Agora.Contracts;
using Agora.Journal;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Agora.Api;

/// <summary>The HTTP side of Agora: what it needs, and every route it has.</summary>
public static class AgoraApi
{
    /// <summary>Needs from the host: <see cref="IEntities"/>, <see cref="ITables"/>, <see cref="IJournalReader"/>, <see cref="IPersonalTexts"/>, <see cref="IPolicyReplay"/>, what <see cref="ProofParts"/> adds; a <see cref="TimeProvider"/> where it is not the system's.</summary>
    public static IServiceCollection AddAgoraApi(this IServiceCollection services, Func<IServiceProvider, ApiOptions> options)
    {
        services.AddSingleton(options);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider => new SessionTokens(provider.GetRequiredService<ApiOptions>().TokenKey, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new AgentKeys(provider.GetRequiredService<ApiOptions>().TokenKey)).AddSingleton<StoredAgents>();
        services.AddSingleton<ServiceCatalogue>().AddSingleton<SchemaCache>().AddSingleton<TableReader>().AddSingleton<Guide>().AddSingleton<RunWaiter>();
        services.AddSingleton<WrongKeys>().AddSingleton<AgentGate>().AddSingleton<OperatorGate>().AddSingleton<MetricsText>();
        services.AddSingleton<AuthEndpoints>().AddSingleton<SessionEndpoints>().AddSingleton<DelegationEndpoints>().AddSingleton<ServiceEndpoints>()
            .AddSingleton<TaskEndpoints>().AddSingleton<RunEndpoints>().AddSingleton<RunPayments>().AddSingleton<WalletEndpoints>();
        services.AddSingleton<UserEndpoints>().AddSingleton<AgentEndpoints>().AddSingleton<ServiceAdminEndpoints>().AddSingleton<CampaignEndpoints>()
            .AddSingleton<CompletionReport>().AddSingleton<RewardEndpoints>().AddSingleton<SessionAdminEndpoints>().AddSingleton<WalletAdminEndpoints>().AddSingleton<Ledger>()
            .AddSingleton<PaymentAdminEndpoints>().AddSingleton<PolicyEndpoints>();
        services.AddSingleton<ReceiptEndpoints>().AddSingleton<ProofEndpoints>();
        services.AddSingleton<ApprovalLinks>().AddSingleton<ApprovalEndpoints>().AddSingleton<ApprovalAdminEndpoints>();
        services.AddHostedService<CatalogueFeed>();
        services.AddRouting();
        services.AddOptions<ForwardedHeadersOptions>().Configure<ApiOptions>(Believe);
        return services;
    }

    /// <summary>Outermost first: whoever really called, then the envelope for whatever goes wrong, whether we serve at all, then the routes, each by its one spelling.</summary>
    public static IApplicationBuilder UseAgora(this IApplicationBuilder app)
    {
        // A listener that starts late misses what was counted before it.
        app.ApplicationServices.GetRequiredService<MetricsText>();
        return BelieveProxies(app).UseMiddleware<LastAnswers>().UseMiddleware<ErrorBoundary>().UseMiddleware<StartGate>().UseRouting().UseExactRoutes();
    }

    public static IEndpointRouteBuilder MapAgora(this IEndpointRouteBuilder routes)
    {
        routes.MapDocuments();
        routes.MapAgents();
        routes.MapOperators();
        routes.MapUsers();
        return routes;
    }

    private static IApplicationBuilder BelieveProxies(IApplicationBuilder app) =>
        app.ApplicationServices.GetRequiredService<ApiOptions>().TrustedProxies.Count == 0 ? app : app.UseForwardedHeaders();

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

    private static void MapDocuments(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/", RootDocument.Write);
        routes.MapGet("/openapi/v1.json", OpenApiDocument.Write);
        routes.MapGet("/healthz", Health.Live);
        routes.MapGet("/readyz", Health.Ready);
        routes.MapGet("/metrics", MetricsText.Write);
        routes.MapGet("/.well-known/jwks.json", KeySet.Write);
    }

    private static void MapAgents(this IEndpointRouteBuilder routes)
    {
        var provider = routes.ServiceProvider;
        var auth = provider.GetRequiredService<AuthEndpoints>();
        var sessions = provider.GetRequiredService<SessionEndpoints>();
        var delegations = provider.GetRequiredService<DelegationEndpoints>();
        var services = provider.GetRequiredService<ServiceEndpoints>();
        var tasks = provider.GetRequiredService<TaskEndpoints>();
        var runs = provider.GetRequiredService<RunEndpoints>();
        var receipts = provider.GetRequiredService<ReceiptEndpoints>();
        var wallets = provider.GetRequiredService<WalletEndpoints>();

        Map(routes, AuthEndpoints.Auth, auth.Guard, Audience.Anyone);
        MapAgent(ServiceEndpoints.Find, services.Search);
        MapAgent(TaskEndpoints.List, tasks.ListTasks);
        MapAgent(TaskEndpoints.Get, tasks.GetTask);
        MapAgent(TaskEndpoints.Do, tasks.DoTask);
        MapAgent(TaskEndpoints.Claim, tasks.ClaimTask);
        MapAgent(RunEndpoints.Run, runs.RunService);
        MapAgent(RunEndpoints.Get, runs.GetRun);
        MapAgent(RunEndpoints.List, runs.ListRuns);
        MapAgent(ReceiptEndpoints.OfRun, receipts.GetRunReceipt);
        MapAgent(WalletEndpoints.Get, wallets.GetWallet);
        MapAgent(WalletEndpoints.Entries, wallets.WalletStatement);
        MapAgent(WalletEndpoints.Transfer, wallets.TransferMoney);
        MapAgent(SessionEndpoints.Status, sessions.FlowStatus);
        MapAgent(SessionEndpoints.Consents, sessions.ListConsents);
        MapAgent(SessionEndpoints.Withdraw, sessions.WithdrawConsent);
        MapAgent(SessionEndpoints.Audit, sessions.AuditHistory);
        MapAgent(SessionEndpoints.End, sessions.EndSession);
        MapAgent(DelegationEndpoints.Delegate, delegations.DelegateSession);
        MapAgent(DelegationEndpoints.Tree, delegations.SessionTree);

        void MapAgent(Operation operation, Func<AgentCall, Task<Reply>> handler) =>
            Map(routes, operation, provider.GetRequiredService<AgentGate>().Guard(operation, handler), Audience.Agents);
    }

    private static void MapOperators(this IEndpointRouteBuilder routes)
    {
        var provider = routes.ServiceProvider;
        var users = provider.GetRequiredService<UserEndpoints>();
        var agents = provider.GetRequiredService<AgentEndpoints>();
        var services = provider.GetRequiredService<ServiceAdminEndpoints>();
        var campaigns = provider.GetRequiredService<CampaignEndpoints>();
        var rewards = provider.GetRequiredService<RewardEndpoints>();
        var sessions = provider.GetRequiredService<SessionAdminEndpoints>();
        var receipts = provider.GetRequiredService<ReceiptEndpoints>();
        var proofs = provider.GetRequiredService<ProofEndpoints>();
        var wallets = provider.GetRequiredService<WalletAdminEndpoints>();
        var payments = provider.GetRequiredService<PaymentAdminEndpoints>();
        var policies = provider.GetRequiredService<PolicyEndpoints>();
        var approvals = provider.GetRequiredService<ApprovalAdminEndpoints>();

        MapOperator(UserEndpoints.Put, users.PutUser);
        MapOperator(UserEndpoints.PutGrant, users.PutUserGrant);
        MapOperator(UserEndpoints.EndGrant, users.EndUserGrant);
        MapOperator(UserEndpoints.Pause, users.PauseUser);
        MapOperator(UserEndpoints.Resume, users.ResumeUser);
        MapOperator(UserEndpoints.Erase, users.EraseUser);
        MapOperator(UserEndpoints.Withdraw, users.WithdrawUsersConsent);
        MapOperator(UserEndpoints.List, users.ListUsers);
        MapOperator(AgentEndpoints.Put, agents.PutAgent);
        MapOperator(AgentEndpoints.Get, agents.GetAgent);
        MapOperator(AgentEndpoints.List, agents.ListAgents);
        MapOperator(AgentEndpoints.Stop, agents.StopAgent);
        MapOperator(AgentEndpoints.Start, agents.StartAgent);
        MapOperator(AgentEndpoints.Issue, agents.IssueKey);
        MapOperator(AgentEndpoints.Revoke, agents.RevokeKey);
        MapOperator(ServiceAdminEndpoints.Put, services.PutService);
        MapOperator(ServiceAdminEndpoints.List, services.ListServices);
        MapOperator(CampaignEndpoints.Put, campaigns.PutCampaign);
        MapOperator(CampaignEndpoints.Fund, campaigns.FundCampaign);
        MapOperator(CampaignEndpoints.Close, campaigns.CloseCampaign);
        MapOperator(CampaignEndpoints.Get, campaigns.GetCampaign);
        MapOperator(CampaignEndpoints.List, campaigns.ListCampaigns);
        MapOperator(CampaignEndpoints.Completions, campaigns.ListCompletions);
        MapOperator(RewardEndpoints.List, rewards.ListRewards);
        MapOperator(RewardEndpoints.Dispute, rewards.DisputeReward);
        MapOperator(RewardEndpoints.Release, rewards.ReleaseReward);
        MapOperator(RewardEndpoints.Return, rewards.ReturnReward);
        MapOperator(SessionAdminEndpoints.Get, sessions.GetSession);
        MapOperator(SessionAdminEndpoints.Suspend, sessions.SuspendSession);
        MapOperator(SessionAdminEndpoints.Resume, sessions.ResumeSession);
        MapOperator(SessionAdminEndpoints.End, sessions.EndSession);
        MapOperator(SessionAdminEndpoints.List, sessions.ListSessions);
        MapOperator(PaymentAdminEndpoints.List, payments.ListPayments);
        MapOperator(PaymentAdminEndpoints.Get, payments.GetPayment);
        MapOperator(PaymentAdminEndpoints.Refund, payments.RefundPayment);
        MapOperator(ReceiptEndpoints.OfPayment, receipts.GetPaymentReceipt);
        MapOperator(ProofEndpoints.Get, proofs.GetProof);
        MapOperator(ProofEndpoints.List, proofs.ListCheckpoints);
        MapOperator(ApprovalAdminEndpoints.List, approvals.ListApprovals);
        MapOperator(ApprovalAdminEndpoints.Decide, approvals.DecideApproval);
        MapOperator(WalletAdminEndpoints.Deposit, wallets.DepositMoney);
        MapOperator(WalletAdminEndpoints.Withdraw, wallets.WithdrawMoney);
        MapOperator(WalletAdminEndpoints.Get, wallets.GetWallet);
        MapOperator(WalletAdminEndpoints.List, wallets.ListWallets);
        MapOperator(WalletAdminEndpoints.Entries, wallets.WalletStatement);
        MapOperator(WalletAdminEndpoints.TrialBalance, wallets.GetTrialBalance);
        MapOperator(PolicyEndpoints.Replay, policies.ReplayPolicies);

        void MapOperator(Operation operation, Func<OperatorCall, Task<Reply>> handler) =>
            Map(routes, operation, provider.GetRequiredService<OperatorGate>().Guard(operation, handler), Audience.Operators);
    }

    /// <summary>People with a link and a browser: pages, no part of the machines' document.</summary>
    private static void MapUsers(this IEndpointRouteBuilder routes)
    {
        var approvals = routes.ServiceProvider.GetRequiredService<ApprovalEndpoints>();
        routes.MapGet(ApprovalEndpoints.Look.Route, approvals.LookAt).WithMetadata(ApprovalEndpoints.Look).WithDisplayName(ApprovalEndpoints.Look.Endpoint);
        routes.MapPost(ApprovalEndpoints.Decide.Route, approvals.DecideBy).WithMetadata(ApprovalEndpoints.Decide).WithDisplayName(ApprovalEndpoints.Decide.Endpoint);
    }

    private static void Map(IEndpointRouteBuilder routes, Operation operation, RequestDelegate handler, Audience audience) =>
        routes.MapMethods(operation.Route, [operation.Method], handler).WithMetadata(operation, audience).WithDisplayName(operation.Endpoint);
}
