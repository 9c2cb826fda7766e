using Agora.Core.Kernel;

namespace Agora.Application.Conversations;

/// <summary>
/// The id of a task is that of its conversation, and follows from who asks whom, and from the id of the message that begins it: so the same message finds the same task, whenever it comes and to whichever process.
/// Whose task it can be stands in front, so another's is none without a look.
/// </summary>
internal static class TaskIds
{
    private const string Start = "a2a-";
    private const int PairCharacters = 16;

    /// <summary>It has the form of one, whosever.</summary>
    public static bool IsOne(string id) => id.StartsWith(Start, StringComparison.Ordinal);

    public static string Of(Tenant tenant, string caller, string agent, string messageId) => $"{Prefix(tenant, caller, agent)}{Ids.FromKey(tenant.Name, Pair(caller, agent), messageId):N}";

    public static bool IsOf(Tenant tenant, string caller, string agent, string taskId) => taskId.StartsWith(Prefix(tenant, caller, agent), StringComparison.Ordinal);

    /// <summary>Of all tasks of the two.</summary>
    public static string Prefix(Tenant tenant, string caller, string agent) => $"{Start}{Ids.FromKey(tenant.Name, Pair(caller, agent), "").ToString("N")[..PairCharacters]}-";

    /// <summary>An agent's id has no line end.</summary>
    private static string Pair(string caller, string agent) => $"a2a\n{caller}\n{agent}";
}
