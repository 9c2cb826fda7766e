using System.Text;
using System.Text.Json;
using Agora.Contracts;
using Agora.Core;
using Agora.Core.Access;
using Agora.Core.Agents;
using Agora.Core.Campaigns;
using Agora.Core.Chats;
using Agora.Core.Kernel;
using Agora.Core.Memories;
using Agora.Core.Nodes;
using Agora.Core.Refunds;
using Agora.Core.Runs;
using Agora.Core.Services;
using Agora.Core.Sessions;
using Agora.Core.SignIns;
using Agora.Core.Upstreams;
using Agora.Core.Users;
using Agora.Core.Wallets;
using Agora.Core.Watches;
using Sample = Agora.Core.Tests.Kernel.Samples;

namespace Agora.Grains.Tests.Kernel;

/// <summary>Commands and answers are found by reflection: one that was given no name fails here, not in a cluster.</summary>
public sealed class EnvelopeCodecTests
{
    private static readonly EnvelopeCodec Codec = new();
    private static readonly Type[] Unions = [.. Manifest.Entities.Select(entity => entity.GetType().GenericTypeArguments[1])];
    private static readonly Type[] Answers = [.. Manifest.Entities.Select(entity => entity.Answers).Prepend(EnvelopeCodec.CommonAnswers).SelectMany(codec => codec.Cases)];
    private static readonly Type[] OnlyWithinOthers = [typeof(Profile), typeof(CompletedCampaign), typeof(RateStanding), typeof(RecentInput), typeof(Spent), typeof(GrantSpent), typeof(PartSpent), typeof(PartLeft), typeof(KnownUser), typeof(Projection), typeof(AgentKeyView), typeof(CallableTool), typeof(MirroredArgument), typeof(RouteFacts), typeof(MemoryContent), typeof(CriterionReason), typeof(WatchBrief), typeof(SeatBrief), typeof(ChatWords), typeof(ChatFeedback), typeof(ChatImportedWords), typeof(ChatSentiment), typeof(ReplyPreferences), typeof(EndedSignIn), typeof(RunParty)];
    private static readonly CommandKey Key = (CommandKey)Sample.Of(typeof(CommandKey));

    [Fact]
    public void Every_command_arrives_as_it_was_sent_with_its_key_trace_and_actor() =>
        Assert.All(Cases(isPublic: true).Where(command => !IsShared(command)), command => Arrives(new(Guid.CreateVersion7(), "00-trace", Sample.Of(command), Key, IsStep: true, "operator")));

    [Fact]
    public void What_several_entities_are_asked_in_the_same_words_arrives_as_a_command_of_the_one_that_is_asked()
    {
        object[] asked =
        [
            new UserCommand.Node(new NodeCommand.Reserve(Hold, "default/session/s1", Hold, 60, new ReserveTerms.OfUser("a1", [], Named: false))),
            new SessionCommand.Node(new NodeCommand.Post(Hold, 60)), new SessionCommand.Access(new AccessCommand.SetStanding(true, null, 1)),
            new CampaignCommand.Node(new NodeCommand.Void(Hold)), new WalletCommand.Node(new NodeCommand.Credit("default/campaign/c1", new(1, 60, "runs"))), new RefundCommand.Node(new NodeCommand.Inquire(Hold, Hold)),
        ];
        Assert.Equal(Cases(isPublic: true).Where(IsShared).ToHashSet(), asked.Select(command => command.GetType()).ToHashSet());
        Assert.All(asked, command =>
        {
            var (sent, read) = (Codec.Encode(Sent(command)), Codec.Decode(Codec.Encode(Sent(command))));
            Assert.Equal(command, read.Body is UserCommand.Node ? command : read.Body); // a list does not compare by content
            Assert.Equal(sent[^20..], Codec.Encode(Sent(read.Body))[^20..]);
        });
    }

    [Fact]
    public void Every_answer_arrives_as_it_was_sent_and_a_repeats_says_so() => Assert.All(Answers.Except([typeof(Rejection), typeof(OperatingFailure)]), reply =>
    {
        Arrives(Sent(Answer.Of(Sample.Of(reply))));
        Arrives(Sent(Answer.Of(Sample.Of(reply)) with { Replayed = true }));
    });

    [Fact]
    public void A_rejection_and_a_failure_arrive_as_they_were_sent()
    {
        Arrives(Sent(Answer.No((Rejection)Sample.Of(typeof(Rejection))) with { Replayed = true }));
        Arrives(Sent(Answer.No(new Rejection(Codes.NotFound, "There is none."))));
        Assert.All(Enum.GetValues<FailureKind>(), kind => Arrives(Sent(new OperatingFailure(kind, 3))));
    }

    [Fact]
    public void Everything_that_a_decider_answers_has_a_name()
    {
        var answered = Answered();
        Assert.Superset(new HashSet<Type> { typeof(RunView), typeof(WalletView), typeof(Inquired), typeof(CampaignView) }, answered);
        Assert.Empty(answered.Except(Answers).Except(OnlyWithinOthers));
    }

    /// <summary>A release that knows the first version alone would put without looking; what it cannot decode it refuses.</summary>
    [Fact]
    public void A_put_that_expects_something_goes_under_a_version_of_its_own_and_any_other_does_not()
    {
        Assert.Equal((1, 2), (VersionOf(new AgentCommand.PutAgent("a", new(null, ["owner"]))), VersionOf(new AgentCommand.PutAgent("a", new(new(["\"t\""]))))));
        Assert.Equal((1, 2), (VersionOf(new UserCommand.EndGrant("a")), VersionOf(new UserCommand.EndGrant("a", new(["*"])))));

        static int VersionOf(object command)
        {
            var bytes = Codec.Encode(Sent(command));
            return JsonElement.Parse(bytes.AsSpan(4, BitConverter.ToInt32(bytes))).GetProperty("version").GetInt32();
        }
    }

    [Fact]
    public void A_question_about_an_outcome_arrives_as_it_was_sent() => Arrives(new(Guid.CreateVersion7(), "00-trace", OutcomeAsked.Value, Key));

    [Fact]
    public void Answers_keep_their_names() => Assert.Equal(
        "answer.agent answer.agent_card answer.agent_keys answer.agent_lease answer.agent_presence answer.agent_standing answer.approval_given answer.approval_needed answer.attachment answer.block_list answer.cached answer.calls_known answer.campaign answer.campaign_reserved answer.chat answer.chat_turn_kept answer.clock answer.completed " +
        "answer.completion_counted answer.completion_uncounted answer.consent_withdrawn answer.conversation answer.conversation_acknowledged answer.conversation_asked " +
        "answer.conversation_dead_letters answer.conversation_entered answer.conversation_repeated answer.credited answer.grant answer.grant_ended " +
        "answer.hold_decided answer.inquired answer.invitation_list answer.key_accepted answer.key_issued answer.key_revoked answer.memory answer.move answer.nothing answer.payment_end " +
        "answer.payment_found answer.payment_standing answer.peer_block answer.pending_runs answer.person answer.person_secrets answer.preferences answer.rate_taken answer.refund answer.refund_told answer.rejection answer.report answer.report_resolved " +
        "answer.request_admitted answer.response answer.reward answer.reward_claimed answer.reward_followed answer.reward_stood answer.room_told answer.run answer.scenario answer.service answer.service_secret answer.service_test_answers answer.service_trial " +
        "answer.session answer.session_closed answer.session_ended answer.session_opened answer.session_reserved answer.sign_ins answer.sponsorship answer.standing " +
        "answer.standing_taken answer.task_claim answer.task_done answer.task_voided answer.transfer_taken answer.upstream answer.upstream_access " +
        "answer.upstream_deleted answer.upstream_tool answer.upstream_tools answer.user answer.user_erased " +
        "answer.user_inspected answer.user_linked answer.user_links_ended answer.user_reserved answer.user_standing answer.wallet answer.watch answer.watch_intervened answer.webhook answer.webhook_deleted " +
        "answer.webhook_delivery answer.webhook_replay answer.webhook_secret answer.webhook_secrets failure",
        string.Join(' ', Manifest.Entities.Select(entity => entity.Answers).Prepend(EnvelopeCodec.CommonAnswers).SelectMany(codec => codec.Names).Select(n => n.Name).Order(StringComparer.Ordinal)));

    [Fact]
    public void No_steps_own_command_can_be_sent()
    {
        var own = Cases(isPublic: false).ToList();
        Assert.NotEmpty(own);
        Assert.All(own, command => Assert.Throws<NotSupportedException>(() => Codec.Encode(Sent(Sample.Of(command)))));
    }

    [Theory]
    [InlineData("""{"id":"01957a00-0000-7000-8000-000000000001","name":"session.service_answered","version":1}""", "{}")]
    [InlineData("""{"id":"01957a00-0000-7000-8000-000000000001","name":"session.run_settled","version":1}""", "{}")]
    [InlineData("""{"id":"01957a00-0000-7000-8000-000000000001","name":"user.get","version":2}""", "{}")]
    [InlineData("""{"id":"01957a00-0000-7000-8000-000000000001","name":"user.get","version":1}""", "null")]
    [InlineData("""{"id":"01957a00-0000-7000-8000-000000000001","name":"user.get","version":1}""", "{}{}")]
    [InlineData("""{"id":"01957a00-0000-7000-8000-000000000001","name":null,"version":1}""", "{}")]
    [InlineData("""{"name":"user.get","version":1}""", "{}")]
    [InlineData("null", "{}")]
    public void A_forged_envelope_is_refused(string header, string body) =>
        Assert.Throws<FormatException>(() => Codec.Decode((byte[])[.. BitConverter.GetBytes(Encoding.UTF8.GetByteCount(header)), .. Encoding.UTF8.GetBytes(header + body)]));

    [Theory]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    [InlineData(int.MaxValue)]
    public void A_length_that_is_not_there_is_refused(int length) => Assert.Throws<FormatException>(() => Codec.Decode((byte[])[.. BitConverter.GetBytes(length), .. "{}{}"u8]));

    [Fact]
    public void An_envelope_cut_anywhere_is_refused() => Assert.All(Messages(), bytes =>
    {
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<FormatException>(() => Codec.Decode(bytes.AsMemory(0, length)));
        }
    });

    [Fact]
    public void An_envelope_with_any_byte_damaged_is_refused_or_read_and_nothing_else() => Assert.All(Messages(), bytes =>
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            foreach (var mask in (byte[])[0x01, 0x20, 0x80])
            {
                bytes[i] ^= mask;
                Assert.True(Record.Exception(() => Codec.Decode(bytes)) is null or FormatException);
                bytes[i] ^= mask;
            }
        }
    });

    private static readonly Guid Hold = new("01957a00-0000-7000-8000-000000000001");

    private static bool IsShared(Type command) => command.GetConstructors() is [var only] && only.GetParameters() is [var carried] && (carried.ParameterType == typeof(NodeCommand) || carried.ParameterType == typeof(AccessCommand));

    private static Envelope Sent(object body) => new(Guid.CreateVersion7(), null, body);

    private static byte[][] Messages() =>
    [
        Codec.Encode(new(Guid.CreateVersion7(), "00-trace", Sample.Of(typeof(UserCommand.PutUser)), Key, IsStep: true, "operator")),
        Codec.Encode(Sent(Sample.Of(typeof(RunCommand.RunService)))),
        Codec.Encode(Sent(Answer.Of(Sample.Of(typeof(RunView))))),
        Codec.Encode(Sent(Answer.No((Rejection)Sample.Of(typeof(Rejection))))),
        Codec.Encode(Sent(new OperatingFailure(FailureKind.Conflict))),
    ];

    private static void Arrives(Envelope sent)
    {
        var read = Codec.Decode(Codec.Encode(sent));
        Assert.Equal(sent with { Body = "" }, read with { Body = "" });
        Assert.Equal(Written(sent.Body), Written(read.Body));
    }

    // All of a body: its types, its JSON, and the personal values that its JSON leaves out.
    private static string Written(object body)
    {
        var inner = body is Answer answer ? answer.Reply ?? answer.Rejection! : body;
        var personal = inner.GetType().GetProperties().Where(p => p.PropertyType == typeof(Personal)).Select(p => ((Personal?)p.GetValue(inner))?.Utf8.ToArray() ?? []);
        return $"{body.GetType()} {inner.GetType()} {JsonSerializer.Serialize(body, body.GetType(), StoredJson.Options)} {string.Join(' ', personal.Select(Encoding.UTF8.GetString))}";
    }

    private static IEnumerable<Type> Cases(bool isPublic) => Unions.SelectMany(CasesOf).Where(t => t.IsNestedPublic == isPublic);

    private static IEnumerable<Type> CasesOf(Type union) => union.Assembly.GetTypes().Where(t => t.IsSubclassOf(union) && !t.IsAbstract);

    // What is recalled from events, and every record of a feature that is no part of a command, an event or a state: what else would it be for.
    private static HashSet<Type> Answered()
    {
        var answered = new HashSet<Type>();
        var parts = new HashSet<Type>();
        foreach (var of in Manifest.Entities.Select(entity => entity.GetType().GenericTypeArguments))
        {
            Part(of[0], parts);
            foreach (var union in of[1..])
            {
                foreach (var each in CasesOf(union))
                {
                    Part(each, parts);
                }
            }
        }

        answered.UnionWith(typeof(NodeAnswer).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(NodeAnswer)) && !t.IsAbstract));
        answered.UnionWith(Manifest.Entities.SelectMany(entity => entity.Use(new Recalled())));
        var features = Manifest.Entities.Select(entity => entity.GetType().GenericTypeArguments[0]).SelectMany(state => new[] { state.Namespace, state.BaseType!.Namespace }).ToHashSet();
        answered.UnionWith(typeof(UserDecider).Assembly.GetExportedTypes().Where(t => !t.IsNested && !t.IsAbstract && IsRecord(t) && features.Contains(t.Namespace) && !parts.Contains(t) && !t.IsSubclassOf(typeof(OutsideCall)) && !t.IsSubclassOf(typeof(StepOutcome))));
        return answered;
    }

    private sealed class Recalled : IEntityUse<IEnumerable<Type>>
    {
        public IEnumerable<Type> Of<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity)
            where TState : class
            where TCommand : class
            where TEvent : class => entity.Events.Cases.Select(type => entity.Recall((TEvent)Sample.Of(type), Guid.Empty)?.Answer.Reply?.GetType()).OfType<Type>();
    }

    private static bool IsRecord(Type type) => type.GetMethod("<Clone>$") is not null;

    private static void Part(Type type, HashSet<Type> parts)
    {
        foreach (var inner in type.IsGenericType ? type.GenericTypeArguments : [])
        {
            Part(inner, parts);
        }

        if (type.Namespace?.StartsWith("Agora.", StringComparison.Ordinal) == true && parts.Add(type))
        {
            foreach (var member in type.GetProperties().Where(p => p.CanWrite))
            {
                Part(member.PropertyType, parts);
            }
        }
    }
}
