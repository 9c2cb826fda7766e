using System.Text.Json.Serialization;
using Agora.Core.Kernel;

namespace Agora.Core.Watches;

/// <summary>Closed union of what happens in a dialogue. What people said of it and in it is sealed with the user's key, and goes with it; what models said is kept by their runs.</summary>
public abstract record WatchEvent
{
    private WatchEvent()
    {
    }

    public sealed record Begun(string AgentId, string SessionId, WatchPlan Plan) : WatchEvent
    {
        /// <summary>Null: the user's key is gone.</summary>
        [JsonIgnore]
        public Personal? Brief { get; init; }
    }

    /// <summary>Durable before the model is called.</summary>
    public sealed record TurnBegun(int Number, int Seat, int Attempt, Guid RunId, string SessionId, Guid Driver, long MostMicros, DateTimeOffset Until) : WatchEvent;

    public sealed record TurnHeld(int Number, int Attempt, Guid Driver, DateTimeOffset Until) : WatchEvent;

    public sealed record TurnEnded(int Number, int Attempt, Guid RunId, TurnFinish Finish, long CostMicros) : WatchEvent;

    public sealed record TurnFailed(int Number, int Attempt, Guid RunId, string Code, long CostMicros) : WatchEvent;

    /// <summary>It stands still, and asks people to go on.</summary>
    public sealed record Asked(WatchPause Pause) : WatchEvent;

    /// <summary>By its plan.</summary>
    public sealed record Ended(Ending Why) : WatchEvent;

    /// <summary>Holds the answer to its command.</summary>
    public abstract record Intervention(Intervened Did) : WatchEvent;

    public sealed record Paused(Intervened Did) : Intervention(Did);

    /// <param name="SessionId">Null: it goes on with the one that it has.</param>
    public sealed record Resumed(Intervened Did, string? SessionId = null) : Intervention(Did);

    public sealed record Said(Intervened Did) : Intervention(Did)
    {
        /// <summary>Null: the user's key is gone.</summary>
        [JsonIgnore]
        public Personal? Words { get; init; }
    }

    public sealed record SeatTaken(Intervened Did) : Intervention(Did);

    public sealed record SeatLeft(Intervened Did) : Intervention(Did);

    public sealed record Stopped(Intervened Did) : Intervention(Did);

    public sealed record BudgetRaised(Intervened Did, long Micros) : Intervention(Did);
}
