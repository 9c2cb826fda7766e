using System.Buffers.Text;
using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Agora.Crypto;
using Agora.Crypto.Agents;

namespace Agora.Client.Http.Sealing;

/// <summary>
/// An agent's keys, and what it has seen of its peers': seals messages that only their recipients read, and opens those that its peers sealed.
/// docs/encryption.md says what that promises, and what not. Safe from any thread; a file belongs to one process at a time.
/// <para>KeptFirst: a key is in the file before a card has it, and a peer's key before anything is sealed to it.</para>
/// <para>SealedOnce: each message has a secret of its own, from which its key and nonce follow.</para>
/// </summary>
public sealed class KeyRing : IDisposable
{
    private readonly Lock _gate = new();
    private readonly KeyRingOptions _options;
    private readonly RingFile? _file;
    private RingState _state;
    private Ed25519PrivateKey _signing;
    private Ed25519PrivateKey? _former;
    private bool _isRegistered;

    internal KeyRing(RingState state, RingFile? file, KeyRingOptions? options)
    {
        (_state, _file, _options) = (state, file, options ?? new());
        if (_options.Epoch <= TimeSpan.Zero || _options.Retention < TimeSpan.Zero)
        {
            throw new ArgumentException("An epoch has a length, and retention is not negative.", nameof(options));
        }

        _signing = new(state.Seed);
        _former = state.Former is { } former ? new(former) : null;
    }

    /// <summary>The agent's id.</summary>
    public string Agent => _state.Agent;

    /// <summary>What peers need of this agent: to be published whenever it has changed.</summary>
    public AgentCard Card
    {
        get
        {
            lock (_gate)
            {
                return new(Agent, Base64Url.EncodeToString(_signing.PublicKey.Span), KeyStatement.OfEpoch(Agent, _state.Epochs[^1].Key, _signing), _state.Rotations);
            }
        }
    }

    /// <summary>Which keys the card has now: signing, and sealing.</summary>
    internal string KeyIds
    {
        get
        {
            lock (_gate)
            {
                return $"{Base64Url.EncodeToString(_signing.PublicKey.Span)} {Base64Url.EncodeToString(_state.Epochs[^1].Key.PublicKey.Span)}";
            }
        }
    }

    internal static string KeyIdsOf(RegistrationData registered) => $"{registered.SigningKey.X} {registered.EncryptionKey.X}";

    /// <summary>The card by which the registry knows this agent (docs/peers.md), with its present keys, signed: <see cref="AgentCard.Of"/> makes of it what peers seal to.</summary>
    /// <param name="said">What the card says besides: version, name, description, skills, endpoints.</param>
    /// <param name="after">When the card before was made: this one is made later.</param>
    public string SignCard(JsonObject said, DateTimeOffset after = default)
    {
        lock (_gate)
        {
            var made = Math.Max(Math.Max(Now, _state.Epochs[^1].Key.Made), after.ToUnixTimeSeconds() + 1);
            said["created_at"] = DateTimeOffset.FromUnixTimeSeconds(made).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
            return KeyStatement.OfCard(said, Agent, _state.Epochs[^1].Key, _signing);
        }
    }

    /// <summary>Makes a request the agent's, in place of a bearer token, where its card is registered (docs/signed-requests.md). To be done last: what is changed afterwards is not signed.</summary>
    /// <param name="body">As it is sent.</param>
    /// <param name="session">The id of one of the agent's own; null: the request is the agent's own.</param>
    /// <param name="tenant">As the agent's API key has it.</param>
    public void SignRequest(HttpRequestMessage request, ReadOnlySpan<byte> body, string? session = null, string tenant = "default")
    {
        lock (_gate)
        {
            RequestSigner.Sign(request, body, Agent, session, tenant, _isRegistered ? _signing : _former ?? _signing, _options.Time.GetUtcNow());
        }
    }

    /// <summary>How often the signing key was rotated: the last rotation says which it is.</summary>
    private int Rotated => _state.Rotations is [.., var last] ? KeyStatement.NumberOf(last) : 0;

    private long Now => _options.Time.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>New keys of an agent that has none.</summary>
    /// <param name="path">Of a file that is not there yet; null: the keys end with this object.</param>
    /// <exception cref="IOException">There is such a file.</exception>
    public static KeyRing Create(string agent, string? path = null, KeyRingOptions? options = null)
    {
        if (!SealingLimits.IsAgent(agent)) throw new ArgumentException("It is no agent's id.", nameof(agent));
        var seed = RandomNumberGenerator.GetBytes(Ed25519.SeedBytes);
        var made = (options ?? new()).Time.GetUtcNow().ToUnixTimeSeconds();
        var ring = new KeyRing(new(agent, seed, [], [RingEpoch.New(made)], ImmutableSortedDictionary.Create<string, Peer>(StringComparer.Ordinal)), path is null ? null : new(path), options);
        ring._state = ring._state with { Peers = ring._state.Peers.Add(agent, new(ring._signing.PublicKey.ToArray(), 0)) };
        ring._file?.Create(ring._state);
        return ring;
    }

    /// <summary>Of a file that any of the clients has made.</summary>
    /// <exception cref="KeyRingInvalidException">It is no key ring, or others can read it.</exception>
    public static KeyRing Load(string path, KeyRingOptions? options = null)
    {
        var file = new RingFile(path);
        return new(file.Read(), file, options);
    }

    /// <summary>
    /// Makes the next key where the present one's epoch is over, and destroys those whose time is over: to be called at the start and then a few times an
    /// epoch.
    /// </summary>
    /// <param name="always">Also where the epoch is not over: after somebody may have read the keys.</param>
    /// <returns>True: the card is another, and has to be published.</returns>
    public bool Rekey(bool always = false)
    {
        lock (_gate)
        {
            var (now, epochs) = (Now, _state.Epochs);
            var due = always || now - epochs[^1].Key.Made >= (long)_options.Epoch.TotalSeconds;
            if (due)
            {
                epochs = epochs.Add(RingEpoch.New(Math.Max(now, epochs[^1].Key.Made + 1)));
            }

            var over = epochs.Zip(epochs.Skip(1)).Where(pair => pair.Second.Key.Made + (long)_options.Retention.TotalSeconds <= now).Select(pair => pair.First).ToList();
            if (!due && over.Count == 0) return false;
            Keep(_state with { Epochs = epochs.RemoveRange(over) });
            foreach (var one in over) CryptographicOperations.ZeroMemory(one.PrivateKey);
            return due;
        }
    }

    /// <summary>Another signing key in place of the present one, which signs for it and is destroyed. The card has to be published.</summary>
    /// <exception cref="InvalidOperationException">There were <see cref="SealingLimits.Rotations"/> already; nothing has changed.</exception>
    public AgentCard RotateSigningKey()
    {
        lock (_gate)
        {
            BeginRotation();
            EndRotation();
            return Card;
        }
    }

    /// <summary>Another signing key in place of the present one, which signs for it, and goes on signing requests: the registry takes the next card from no other. It is kept in the file until <see cref="EndRotation"/>.</summary>
    internal void BeginRotation()
    {
        lock (_gate)
        {
            if (_state.Rotations.Count >= SealingLimits.Rotations)
            {
                throw new InvalidOperationException($"A signing key is rotated {SealingLimits.Rotations} times at most: the agent goes on with the one that it has, or under another id.");
            }

            EndRotation();
            var seed = RandomNumberGenerator.GetBytes(Ed25519.SeedBytes);
            var (old, next) = (_signing, new Ed25519PrivateKey(seed));
            var rotations = _state.Rotations.Add(KeyStatement.OfRotation(Agent, next.PublicKey.Span, old, Rotated + 1));
            var own = new Peer(next.PublicKey.ToArray(), 0, old.PublicKey.ToArray(), Now + (long)_options.Retention.TotalSeconds);
            Keep(_state with { Seed = seed, Former = _state.Seed, Rotations = rotations, Peers = _state.Peers.SetItem(Agent, own) });
            (_signing, _former) = (next, old);
        }
    }

    /// <summary>The registry refuses the key before: it may have the card by the next one, which signs from now on.</summary>
    /// <returns>False: that one signs already.</returns>
    internal bool TryNext()
    {
        lock (_gate)
        {
            if (_former is null || _isRegistered) return false;
            _isRegistered = true;
            return true;
        }
    }

    /// <summary>It had not: the key before goes on.</summary>
    internal void TryFormer()
    {
        lock (_gate)
        {
            _isRegistered = false;
        }
    }

    /// <summary>The registry has the card by the present key: the one before is destroyed.</summary>
    internal void EndRotation()
    {
        lock (_gate)
        {
            if (_former is not { } former) return;
            var seed = _state.Former;
            Keep(_state with { Former = null });
            CryptographicOperations.ZeroMemory(seed);
            former.Dispose();
            (_former, _isRegistered) = (null, false);
        }
    }

    /// <summary>From now on the card's signing key is this peer's, whatever was seen before.</summary>
    public void Accept(AgentCard card)
    {
        var key = SigningKeyOf(card);
        lock (_gate)
        {
            if (card.Agent == Agent) throw new ArgumentException("The ring knows its own key.", nameof(card));
            Keep(_state with { Peers = _state.Peers.SetItem(card.Agent, new(key, 0)) });
        }
    }

    /// <summary>Seals a message to these agents, and to this one.</summary>
    /// <param name="contentType">Of the content: it is sealed too. The message itself is <c>application/vnd.agora.sealed+json</c>.</param>
    /// <param name="recipients">1 to 64, each once; the own card may be among them.</param>
    /// <exception cref="KeyChangedException">One of them has another signing key than before.</exception>
    /// <exception cref="CardInvalidException">One of them has no key that it signed.</exception>
    /// <exception cref="ArgumentException">An id, the type, the recipients or the size are not within the bounds.</exception>
    public string Seal(ReadOnlySpan<byte> content, string contentType, string conversation, string messageId, IEnumerable<AgentCard> recipients)
    {
        var others = recipients.Where(card => card.Agent != Agent).ToList();
        if (!SealingLimits.IsId(conversation)) throw new ArgumentException("It is no conversation's id.", nameof(conversation));
        if (!SealingLimits.IsId(messageId)) throw new ArgumentException("It is no message's id.", nameof(messageId));
        if (!SealingLimits.IsContentType(contentType)) throw new ArgumentException("It is no content type.", nameof(contentType));
        if (others.Count is < 1 or > SealingLimits.Recipients || others.DistinctBy(card => card.Agent).Count() != others.Count)
        {
            throw new ArgumentException($"There are 1 to {SealingLimits.Recipients} recipients, each once.", nameof(recipients));
        }

        lock (_gate)
        {
            var (seen, rotated, keys) = (_state.Peers, new List<SigningKeyRotated>(), new List<(string Agent, EpochKey Key)> { (Agent, _state.Epochs[^1].Key) });
            foreach (var card in others)
            {
                var peer = Seen(card, SigningKeyOf(card), rotated);
                var key = KeyStatement.Epoch(card.EpochKey, card.Agent, peer.Key) ?? throw new CardInvalidException(card.Agent, "its signing key has signed no key to seal to");
                if (key.Made < peer.Made) throw new CardInvalidException(card.Agent, "a newer key to seal to was seen before");
                (seen, keys) = (seen.SetItem(card.Agent, peer with { Made = key.Made }), [.. keys, (card.Agent, key)]);
            }

            var text = Sealed(new(conversation, messageId, Agent), content, contentType, [.. keys.OrderBy(one => one.Agent, StringComparer.Ordinal)]).Json();
            if (text.Length > SealingLimits.MessageBytes)
            {
                throw new ArgumentException($"A sealed message has at most {SealingLimits.MessageBytes} bytes, and this would have {text.Length}.", nameof(content));
            }

            See(seen, rotated);
            return text;
        }
    }

    /// <summary>Opens a message that the sender sealed to this agent, in this conversation, under this id.</summary>
    /// <param name="sender">The sender's card; of this agent's own messages the own.</param>
    /// <exception cref="CannotOpenException">It did not.</exception>
    /// <exception cref="KeyChangedException">It has another signing key than before.</exception>
    public Opened Open(string message, string conversation, string messageId, AgentCard sender)
    {
        if (!SealingLimits.IsId(conversation) || !SealingLimits.IsId(messageId) || SealedText.Read(message) is not { } text)
        {
            throw new CannotOpenException("malformed");
        }

        lock (_gate)
        {
            var rotated = new List<SigningKeyRotated>();
            var peer = sender.Agent == Agent ? _state.Peers[Agent] : Seen(sender, SigningKeyOf(sender), rotated);
            var known = _state.Peers.GetValueOrDefault(sender.Agent);
            if (rotated.Count > 0)
            {
                See(_state.Peers.SetItem(sender.Agent, peer), rotated);
            }

            var own = text.To.FirstOrDefault(one => one.Agent == Agent) ?? throw new CannotOpenException("not_for_us");
            var epoch = _state.Epochs.Find(one => one.Key.KeyId == own.KeyId) ?? throw new CannotOpenException("key_gone");
            var opened = Authentic(new(conversation, messageId, sender.Agent), text, own, epoch, peer) ?? throw new CannotOpenException("not_authentic");
            if (known is null)
            {
                See(_state.Peers.SetItem(sender.Agent, peer), []);
            }

            return opened;
        }
    }

    public void Dispose()
    {
        _signing.Dispose();
        _former?.Dispose();
    }

    private SealedText Sealed(Envelope envelope, ReadOnlySpan<byte> content, string contentType, List<(string Agent, EpochKey Key)> keys)
    {
        Span<byte> secret = stackalloc byte[SealedText.SecretBytes];
        RandomNumberGenerator.Fill(secret);
        var to = new List<SealedTo>();
        foreach (var (agent, key) in keys)
        {
            var (encapsulated, ciphertext) = Hpke.Seal(key.PublicKey.Span, envelope.KeyInfo(agent, key.KeyId), [], secret) ?? throw new CardInvalidException(agent, "the key to seal to is nobody's");
            to.Add(new(agent, key.KeyId, encapsulated, ciphertext));
        }

        var signature = _signing.Sign(envelope.Signed(to.Select(one => (one.Agent, one.KeyId)), contentType, content));
        var (contentKey, nonce, commitment) = envelope.Derive(secret);
        CryptographicOperations.ZeroMemory(secret);
        return new(to, commitment, Aes256Gcm.Seal(contentKey, nonce, envelope.Associated(to), [.. signature, .. Envelope.Text(contentType), .. content]));
    }

    /// <summary>Null, whatever is not as it was: one answer for all.</summary>
    private Opened? Authentic(Envelope envelope, SealedText text, SealedTo own, RingEpoch epoch, Peer sender)
    {
        using var key = new X25519PrivateKey(epoch.PrivateKey);
        if (Hpke.Open(key, own.Encapsulated, envelope.KeyInfo(Agent, own.KeyId), [], own.Ciphertext) is not { } secret) return null;
        var (contentKey, nonce, commitment) = envelope.Derive(secret);
        if (!CryptographicOperations.FixedTimeEquals(commitment, text.Commitment) || Aes256Gcm.Open(contentKey, nonce, envelope.Associated(text.To), text.Ciphertext) is not { } plaintext)
        {
            return null;
        }

        if (Content.Read(plaintext) is not { } content) return null;
        var signed = envelope.Signed(text.To.Select(one => (one.Agent, one.KeyId)), content.Type, content.Bytes.Span);
        byte[][] signers = sender.Previous is { } previous && sender.Until > Now ? [sender.Key, previous] : [sender.Key];
        return signers.Any(signer => Verifies(signer, signed, content.Signature.Span)) ? new(envelope.Sender, content.Type, content.Bytes, [.. text.To.Select(one => one.Agent)]) : null;
    }

    private static bool Verifies(byte[] signer, byte[] signed, ReadOnlySpan<byte> signature)
    {
        var key = new Ed25519PublicKey(signer);
        return key.Verify(signed, signature);
    }

    /// <summary>The peer with the card's signing key, if that is the one that was seen, the first that is seen, or follows by rotations.</summary>
    private Peer Seen(AgentCard card, byte[] key, List<SigningKeyRotated> rotated)
    {
        if (!_state.Peers.TryGetValue(card.Agent, out var known)) return new(key, 0);
        if (known.Key.AsSpan().SequenceEqual(key)) return known;
        var (from, to) = (Jwk.Thumbprint("Ed25519", known.Key), Jwk.Thumbprint("Ed25519", key));
        if (!KeyStatement.Leads(card.Agent, known.Key, key, card.Rotations.TakeLast(SealingLimits.Rotations)))
        {
            throw new KeyChangedException(card.Agent, from, to);
        }

        rotated.Add(new(card.Agent, from, to));
        return new(key, known.Made, known.Key, Now + (long)_options.Retention.TotalSeconds);
    }

    private void See(ImmutableSortedDictionary<string, Peer> peers, List<SigningKeyRotated> rotated)
    {
        if (peers != _state.Peers)
        {
            Keep(_state with { Peers = peers });
        }

        foreach (var one in rotated) _options.Rotated?.Invoke(one);
    }

    private void Keep(RingState next)
    {
        _file?.Replace(next);
        _state = next;
    }

    private static byte[] SigningKeyOf(AgentCard card) =>
        SealingLimits.IsAgent(card.Agent) && JoseText.Decode(card.SigningKey) is { } key && PublicKeyRules.IsKey(key) ? key : throw new CardInvalidException(card.Agent, "its signing key is none");
}
