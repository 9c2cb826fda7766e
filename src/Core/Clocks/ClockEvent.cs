namespace Agora.Core.Clocks;

/// <summary>Closed union of what happens to a tenant's clock. Each event holds the view that was answered.</summary>
public abstract record ClockEvent
{
    private ClockEvent()
    {
    }

    public sealed record Advanced(ClockView View) : ClockEvent;

    public sealed record GenerationBegun(ClockView View) : ClockEvent;
}
