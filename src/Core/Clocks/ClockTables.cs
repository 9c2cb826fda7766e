using Agora.Core.Kernel;

namespace Agora.Core.Clocks;

/// <summary>One row a clock that was ever changed: by it processes know whose alarms are due before the world's time.</summary>
public static class ClockTables
{
    public static readonly Table Clocks = new("test_clocks", 1, "tenant", "generation", "offset_micros", "updated_at");

    public static Row Row(ClockState state, DateTimeOffset at) =>
        Clocks.Row(state.Stream.Tenant, (long)state.View.Generation, state.View.Offset.Ticks / TimeSpan.TicksPerMicrosecond, at.ToMicros());
}
