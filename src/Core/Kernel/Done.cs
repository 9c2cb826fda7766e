namespace Agora.Core.Kernel;

/// <summary>The reply to a command of an entity's own (an alarm, a step's outcome), for which nobody waits.</summary>
public sealed record Done
{
    public static readonly Done Instance = new();

    private Done()
    {
    }
}
