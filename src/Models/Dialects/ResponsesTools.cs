using System.Collections.Frozen;

namespace Agora.Models.Dialects;

/// <summary>Which tools of Responses are taken: functions and custom tools, which the client runs, also in namespaces.</summary>
public static class ResponsesTools
{
    /// <summary>
    /// Tools that Codex sends and that are nevertheless not offered to the model. web_search where it is said not to reach outside (external_web_access: false) is on by default there, runs at OpenAI and costs
    /// by the call, whatever it reads; without it the model answers from what it has. tool_search that the client runs finds tools that were held back; none are held back here, for all that a request brings
    /// are offered at once. To refuse these would be to refuse Codex as it comes; all other tools that a provider would run are refused.
    /// </summary>
    public static IReadOnlySet<string> LeftOut { get; } = new[] { "tool_search", "web_search" }.ToFrozenSet(StringComparer.Ordinal);
}
