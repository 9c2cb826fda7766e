using Agora.Core.Kernel;
using Agora.Replay;

namespace Agora.Web;

/// <summary>A tenant's recorded history under a changed policy. It changes nothing.</summary>
public interface IPolicyReplay
{
    /// <returns>Null: another replay is under way in this process, and one at a time is enough beside the traffic.</returns>
    Task<ReplayReport?> Run(Tenant tenant, ReplayRequest request, CancellationToken cancel);
}
