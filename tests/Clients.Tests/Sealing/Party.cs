using Agora.Client.Http.Sealing;

namespace Agora.Clients.Tests.Sealing;

/// <summary>Agents with key rings in memory, one clock, and what their messages are about.</summary>
internal sealed class Party
{
    public const string Conversation = "c-1";
    public const string MessageId = "m-1";
    public const string Text = "text/plain";

    private readonly List<SigningKeyRotated> _notices = [];

    public Party() => (Alice, Bob, Carol) = (New("alice"), New("bob"), New("carol"));

    public SimTimeProvider Clock { get; } = new(new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero));

    public KeyRingOptions Options => new() { Time = Clock, Rotated = _notices.Add };

    public KeyRing Alice { get; }

    public KeyRing Bob { get; }

    public KeyRing Carol { get; }

    public IReadOnlyList<SigningKeyRotated> Notices => _notices;

    public KeyRing New(string agent) => KeyRing.Create(agent, options: Options);

    /// <summary>Alice's to Bob, and to whom else.</summary>
    public string Sealed(string content = "hello", params KeyRing[] more) =>
        Alice.Seal(System.Text.Encoding.UTF8.GetBytes(content), Text, Conversation, MessageId, [Bob.Card, .. more.Select(one => one.Card)]);

    public string Read(KeyRing by, string message) => System.Text.Encoding.UTF8.GetString(by.Open(message, Conversation, MessageId, Alice.Card).Content.Span);

    public static string WhyNot(Action open) => Assert.Throws<CannotOpenException>(open).Code;
}
