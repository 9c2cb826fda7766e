using Agora.Core.Kernel;

namespace Agora.Core.Upstreams;

/// <summary>Reads an upstream's list of tools. Where it is and what it is called with is looked up where the call is made: no secret travels through a decision.</summary>
/// <param name="Pause">Before it is read; whoever waits is woken when the upstream says that it changed.</param>
/// <param name="AtLeast">Of the pause: so much is waited whatever the upstream says.</param>
public sealed record UpstreamList(TimeSpan Pause, TimeSpan AtLeast) : OutsideCall
{
    public static readonly OutsideKind Outside = new("upstream_list", Limits.UpstreamPauseLongest + Limits.UpstreamListAtMost + Limits.UpstreamListAtMost);

    public override OutsideKind Kind => Outside;
}

/// <summary>Closed: what came of reading a list.</summary>
public abstract record UpstreamOutcome : StepOutcome
{
    private UpstreamOutcome()
    {
    }

    /// <param name="Tools">As the upstream lists them, each name once.</param>
    public sealed record Listed(IReadOnlyList<OfferedTool> Tools) : UpstreamOutcome;

    /// <param name="Code">One of <see cref="UpstreamFailures"/>.</param>
    public sealed record Failed(string Code) : UpstreamOutcome;
}
