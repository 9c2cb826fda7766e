using Agora.Core.Runs;

namespace Agora.Application.Runs;

/// <summary>Names of the states of runs, as replies and tables have them.</summary>
internal static class RunStates
{
    public static string Name(RunState state) => state switch
    {
        RunState.Pending => "pending",
        RunState.AwaitingApproval => "awaiting_approval",
        RunState.Succeeded => "succeeded",
        RunState.Failed => "failed",
        RunState.Cancelled => "cancelled",
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
