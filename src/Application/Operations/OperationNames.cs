
namespace Agora.Application.Operations;

/// <summary>Names of operations that replies of other features offer as next actions. A feature declares its operation under the name, so that what offers it need not know the feature.</summary>
internal static class OperationNames
{
    public const string Authenticate = "auth";
    public const string FlowStatus = "flow_status";
    public const string EndSession = "end_session";
    public const string SessionTree = "session_tree";
    public const string Delegate = "delegate_session";
    public const string SearchServices = "search_services";
    public const string RunService = "run_service";
    public const string GetRun = "get_run";
    public const string GetTasks = "get_tasks";
    public const string GetTask = "get_task";
    public const string CompleteTask = "complete_task";
    public const string ClaimTask = "claim_task";
    public const string GetWallet = "get_wallet";
    public const string FindAgents = "find_agents";
}
