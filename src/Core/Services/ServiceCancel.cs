using Agora.Core.Kernel;

namespace Agora.Core.Services;

/// <summary>A service is told that a run was cancelled, under the key that the run was called with. Nobody waits for what it says.</summary>
public sealed record ServiceCancel(string ServiceId, Guid RunId) : OutsideCall
{
    public static readonly OutsideKind Outside = new("service.cancel", Limits.TellCancelled * 2);

    public override OutsideKind Kind => Outside;
}
