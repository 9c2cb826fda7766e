using System.Text.Json.Serialization;
using Agora.Core.Kernel;
using Agora.Core.Nodes;

namespace Agora.Core.Runs;

/// <summary>
/// Closed: how far a run has come that is under way. It ends from any of them: voided when its time is over, but for one whose payment is being settled.
/// </summary>
public abstract record RunStage
{
    private RunStage()
    {
    }

    /// <summary>The fund that holds the price, or is asked to; null: none is.</summary>
    public abstract FundAsked? Fund { get; }

    /// <summary>What was asked, whatever has become of it since: <see cref="Asking"/> or <see cref="Chosen"/>.</summary>
    public virtual RunStage AsAsked() => this;

    /// <summary>Begun: the user is asked, and beside it the fund that most likely pays, or none. Next: Chosen, Held or Settling.</summary>
    public sealed record Asking(FundAsked? Guess) : RunStage
    {
        /// <summary>Soft: what the user's stream said, where it named the fund that was guessed. A run that a crash left behind is voided, whatever was said.</summary>
        public UserReserved? Named { get; init; }

        /// <summary>Soft: what came of asking the guessed fund, where that came before the user's answer.</summary>
        public StepOutcome? Guessed { get; init; }

        public override FundAsked? Fund => Guess;

        /// <summary>The guess may hold something for this run, or hold yet.</summary>
        public bool MayHold => Guess is not null && Guessed is not StepOutcome.Answered { Answer.Rejection: not null };
    }

    /// <summary>The fund that the user named, or the agent's wallet, is asked. Next: Chosen again, where it refuses; Held or Settling.</summary>
    /// <param name="Why">Server text: why this one.</param>
    public sealed record Chosen(FundAsked Named, string Why) : RunStage
    {
        public override FundAsked? Fund => Named;
    }

    /// <summary>Soft: user and fund hold the price; sessions above have yet to answer. Next: Settling.</summary>
    public sealed record Held(RunStage From) : RunStage
    {
        public override FundAsked? Fund => From.Fund;

        public override RunStage AsAsked() => From.AsAsked();
    }

    /// <summary>All hold the most that a model's call can cost, and whoever asked for it makes it. Next: the run's outcome, by its word, or because it is gone.</summary>
    /// <param name="From">How its fund had been asked.</param>
    /// <param name="Why">As of <see cref="RunEvent.CallBegun"/>.</param>
    public sealed record Calling([property: JsonIgnore] RunStage From, DateTimeOffset At, string? UserNodes, string? Why, string? SchemaHash) : RunStage
    {
        public override FundAsked? Fund => From.Fund;

        public override RunStage AsAsked() => From.AsAsked();
    }

    /// <summary>The payment by x402 is being settled. The output is here until then: it is withheld if the payment is refused. Next: the run's outcome.</summary>
    /// <param name="From">How its fund had been asked.</param>
    public sealed record Settling([property: JsonIgnore] RunStage From, long AmountMicros, int Attempts, string? UserNodes, Personal? Output, string? ServedBy = null) : RunStage
    {
        public override FundAsked? Fund => From.Fund;

        public override RunStage AsAsked() => From.AsAsked();
    }

    /// <summary>A fund that is asked to hold a run's price: a campaign or a wallet, and under which id.</summary>
    public sealed record FundAsked(Guid Hold, Candidate? Campaign, string? Wallet);
}
