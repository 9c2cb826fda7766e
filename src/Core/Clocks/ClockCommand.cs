namespace Agora.Core.Clocks;

/// <summary>Closed union; answers: Get, Advance, Reset → <see cref="ClockView"/>.</summary>
public abstract record ClockCommand
{
    private ClockCommand()
    {
    }

    public sealed record Get : ClockCommand;

    /// <summary>Either is given.</summary>
    /// <param name="By">So much later than it is.</param>
    /// <param name="To">The tenant's time that it shall be.</param>
    public sealed record Advance(TimeSpan? By, DateTimeOffset? To) : ClockCommand;

    /// <summary>What there is, is left behind: the next generation begins, with nothing in it, at the world's time.</summary>
    public sealed record Reset : ClockCommand;

    public sealed record Tick : ClockCommand;
}

/// <summary>How a tenant for tests stands.</summary>
/// <param name="Offset">So much later than the world's time is its own.</param>
/// <param name="UpdatedAt">By the world's time; null: nothing was ever changed.</param>
public sealed record ClockView(int Generation, TimeSpan Offset, DateTimeOffset? UpdatedAt = null)
{
    /// <summary>Of two that were read, the one that holds.</summary>
    public bool IsLaterThan(ClockView other) => Generation != other.Generation ? Generation > other.Generation : Offset > other.Offset;
}
