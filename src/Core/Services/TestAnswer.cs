namespace Agora.Core.Services;

/// <summary>How a service in a tenant for tests answers one input, or any.</summary>
/// <param name="Input">The input as JSON, its members in whatever order; null: any that no answer before this one fits.</param>
/// <param name="Output">As JSON; null where it fails. It is held against the service's schema as a real one is.</param>
/// <param name="Fails">One of <see cref="TestFailures"/>; null where it answers.</param>
/// <param name="DelayMs">It takes so long, of the world's time; longer than the service's timeout is none.</param>
/// <param name="CostMicros">What it says that the run cost, which may be more than was held; null: it says nothing.</param>
public sealed record TestAnswer(string? Input, string? Output, string? Fails, int DelayMs, long? CostMicros);

/// <summary>Answer of PutAnswers and GetAnswers.</summary>
public sealed record TestAnswers(string ServiceId, IReadOnlyList<TestAnswer> Answers);

/// <summary>How it may fail: each as a real service would, with the attempts that Agora would make.</summary>
public static class TestFailures
{
    public const string Timeout = "timeout";
    public const string Unavailable = "unavailable";
    public const string Error = "error";
    public const string RefusesInput = "refuses_input";
    public const string NoConnection = "no_connection";
    public const string NotJson = "not_json";
    public const string TooLarge = "too_large";

    public static IReadOnlyList<string> All { get; } = [Timeout, Unavailable, Error, RefusesInput, NoConnection, NotJson, TooLarge];
}
