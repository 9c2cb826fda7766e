using Agora.Core.Kernel;

namespace Agora.Core.Campaigns;

/// <summary>Why a campaign refuses, in order of precedence. Sentences are for agents and operators: no name or number of a third party is in them.</summary>
public static class CampaignRejection
{
    // Operators' commands.

    public static Rejection NotFound { get; } = new(Codes.NotFound, "There is no such campaign.");

    public static Rejection Changed { get; } = Invalid("", "closed", "A closed campaign cannot be changed or funded.");

    public static Rejection AmountOutOfRange { get; } = Invalid("/amount_cents", "range", "The amount must be positive, and all that was ever funded together must not exceed 100000000000 cents.");

    public static Rejection LimitOutOfRange(string path) => Invalid(path, "range", "An amount must be between 0 and 100000000000 cents.");

    // Holds and completions: whether the id can still be decided (FundRejection) comes before what it asks for.

    // Holds.

    public static Rejection NotOpen { get; } = Unpaid("The campaign does not pay now: it is closed, inactive, not yet started or over.");

    public static Rejection NotCovered { get; } = Unpaid("The campaign does not pay for this service.");

    public static Rejection RelatedService { get; } = new(Codes.NotEligible, "The campaign does not pay for services of its own owner.");

    public static Rejection NotEligible { get; } = new(Codes.NotEligible, "The campaign is not for this user.");

    public static Rejection PriceAboveMaximum { get; } = Unpaid("The price is above what the campaign pays for this service.").With("limit", "max_price");

    public static Rejection DailyCapReached { get; } = Unpaid("The campaign's cap for today is reached.").With("limit", "daily_cap");

    public static Rejection EscrowShort { get; } = Unpaid("The campaign has not enough left to pay for this run.").With("limit", Escrow);

    // Completions.

    public static Rejection TaskNotOpen { get; } = new(Codes.NotFound, "The campaign takes no completions: it is closed, inactive, not yet started or over.");

    // Rewards.

    public static Rejection NoReward { get; } = new(Codes.NotEligible, "The campaign pays no reward, so there is nothing to claim.");

    public static Rejection OwnerNotKnown { get; } = new(Codes.Unavailable, "The campaign has changed meanwhile. Try again.", RetryAfterSeconds: 1, Retry: true);

    public static Rejection RelatedAgent { get; } = new(Codes.NotEligible, "The agent and the sponsor have the same owner, so there is no reward to claim.");

    public static Rejection EnoughCompletions { get; } = new(Codes.NotEligible, "The campaign has all the completions it wants.");

    public static Rejection RewardsExhausted { get; } = new Rejection(Codes.RewardsExhausted, "The campaign has not enough left to pay a reward.").With("limit", Escrow);

    // Disputes.

    public static Rejection NoSuchReward { get; } = new(Codes.NotFound, "No reward was ever held for such a completion of this campaign.");

    public static Rejection RewardUndecided { get; } = new(Codes.Unavailable, "The completion is still being decided. Try again.", RetryAfterSeconds: 1, Retry: true);

    public static Rejection DisputeTooLate { get; } = new(Codes.DuplicateRequest, "It is too late to dispute: the reward is paid, returned or due.");

    public static Rejection NotDisputed { get; } = new(Codes.DuplicateRequest, "The reward is not disputed: it is pending, or was decided before.");

    private const string Escrow = "escrow";

    private static Rejection Unpaid(string message) => new(Codes.PaymentRequired, message);

    private static Rejection Invalid(string path, string keyword, string message) => new(Codes.ValidationFailed, message, [new(path, keyword, message)]);
}
