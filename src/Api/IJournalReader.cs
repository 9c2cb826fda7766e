using Agora.Core.Kernel;

namespace Agora.Api;

/// <summary>Reads what stays in the journal and out of every state and table: personal outputs. Null: its user's key was destroyed, or there is no such output.</summary>
public interface IJournalReader
{
    Task<Personal?> RunOutput(string sessionId, Guid runId, CancellationToken cancel);

    /// <param name="outputCommand">The command whose entry in the user's stream holds it (<c>completions.output_command</c>).</param>
    Task<Personal?> CompletionOutput(string userId, Guid outputCommand, CancellationToken cancel);
}
