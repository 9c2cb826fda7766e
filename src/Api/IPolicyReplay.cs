using Agora.Replay;

namespace Agora.Api;

/// <summary>Recorded history under a changed policy. It changes nothing.</summary>
public interface IPolicyReplay
{
    /// <returns>Null: another replay is under way in this process, and one at a time is enough beside the traffic.</returns>
    Task<ReplayReport?> Run(ReplayRequest request, CancellationToken cancel);
}
