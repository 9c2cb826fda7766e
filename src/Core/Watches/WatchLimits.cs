namespace Agora.Core.Watches;

/// <summary>Bounds of dialogues that people watch.</summary>
public static class WatchLimits
{
    public const int SeatsLeast = 2;
    public const int Seats = 8;

    /// <summary>Turns of one dialogue, those that people take among them.</summary>
    public const int Turns = 500;

    public const int PaceSeconds = 3_600;

    /// <summary>Of a plan: turns without a word, one behind the other, after which it ends.</summary>
    public const int SilentTurns = 50;

    /// <summary>Of a brief, as JSON: topic, names, roles and the word that ends it. Each turn sends it to a model.</summary>
    public const int BriefBytes = 64 * 1024;

    /// <summary>Of what a person says in one turn, as JSON.</summary>
    public const int WordsBytes = 32 * 1024;

    /// <summary>Calls of one turn that come to nothing before people are asked.</summary>
    public const int Tries = 3;

    /// <summary>From one that failed to the next.</summary>
    public static readonly TimeSpan TryAgainAfter = TimeSpan.FromSeconds(5);

    /// <summary>How often a driver says that it still has its turn.</summary>
    public static readonly TimeSpan HeldEvery = TimeSpan.FromSeconds(8);

    /// <summary>A driver that says nothing of its turn for this long, which is twice and a margin, is gone, and another looks what became of the call. If it lives all the same, its call goes on and is paid, and the other finds that.</summary>
    public static readonly TimeSpan HeldFor = (2 * HeldEvery) + TimeSpan.FromSeconds(2);

    /// <summary>A dialogue that has been due for this long has no driver. If it has a slow one, two ask for the turn, and one has it.</summary>
    public static readonly TimeSpan LeftFor = TimeSpan.FromSeconds(3);

    /// <summary>The longest that a driver sleeps before a turn. A dialogue whose next turn is farther away is due this long before it, or one that is nearer at its time.</summary>
    public static readonly TimeSpan SleepAtMost = TimeSpan.FromSeconds(60);

    /// <summary>Of one dialogue, in all: each is known by its id as long as the dialogue is there, at some 100 bytes. It can be stopped behind the last.</summary>
    public const int Interventions = 1_000;
}
