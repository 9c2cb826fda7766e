namespace Agora.Core.Kernel;

/// <summary>
/// Every bound of the product, in one place; but for those of schemas (SchemaLimits), of x402 (X402Limits) and of calls out
/// (OutboundLimits), in projects that know nothing of this one. The order of times is what keeps money safe: all attempts of a run together
/// (<see cref="RunDeadline"/>) end before a grain call gives up (<see cref="GrainCallTimeout"/>), which ends before a node
/// asks what became of a hold (<see cref="InquiryAfter"/>), which ends before an outcome may be forgotten (<see cref="OutcomeKept"/>).
/// </summary>
public static class Limits
{
    // Times of a run.

    /// <summary>From the first attempt to the last, of one run's calls to its service.</summary>
    public static readonly TimeSpan RunDeadline = TimeSpan.FromSeconds(20);

    /// <summary>A service is told for so long that a run of it was cancelled; whether it heard is nobody's concern.</summary>
    public static readonly TimeSpan TellCancelled = TimeSpan.FromSeconds(2);
    public static readonly TimeSpan GrainCallTimeout = TimeSpan.FromSeconds(30);

    /// <summary>A grain without calls for about this long gives its memory back; the next call loads it again.</summary>
    public static readonly TimeSpan GrainIdleAge = TimeSpan.FromMinutes(15);

    /// <summary>Entities that live in one process at once unless it is set otherwise: about 1 GB.</summary>
    public const int ActivationsDefault = 100_000;

    /// <summary>After this a session voids a run that has no outcome, and drops a late one: time to reserve, all attempts, and a margin.</summary>
    public static readonly TimeSpan RunVoidedAfter = TimeSpan.FromSeconds(26);

    /// <summary>From the request to the first attempt: a run that could not be reserved by then is refused.</summary>
    public static readonly TimeSpan ReserveDeadline = TimeSpan.FromSeconds(5);

    /// <summary>A node asks the owner of a hold after this long.</summary>
    public static readonly TimeSpan InquiryAfter = TimeSpan.FromSeconds(60);

    /// <summary>An owner that says how long a hold stays open is not asked for this long at most: so much later a hold may be freed whose owner's word was lost.</summary>
    public static readonly TimeSpan InquiryPutOffAtMost = TimeSpan.FromMinutes(15);

    /// <summary>A Reserve whose hold id is older than this is refused.</summary>
    public static readonly TimeSpan ReserveMaxAge = TimeSpan.FromSeconds(60);

    /// <summary>A Reserve whose hold id is from further ahead than this is refused.</summary>
    public static readonly TimeSpan ReserveMaxAhead = TimeSpan.FromSeconds(5);

    /// <summary>Outcomes of holds and ids of commands are known at least this long.</summary>
    public static readonly TimeSpan OutcomeKept = TimeSpan.FromSeconds(120);

    /// <summary>While anything is unfinished, the stream's alarm is at most this far away.</summary>
    public static readonly TimeSpan UnfinishedAlarm = TimeSpan.FromSeconds(30);

    /// <summary>Rows of a stream between two snapshots: what a load replays at most, but for the last two minutes.</summary>
    public const int SnapshotEvery = 500;

    /// <summary>A query's answer is behind by at most this.</summary>
    public static readonly TimeSpan StaleAtMost = TimeSpan.FromSeconds(1);

    /// <summary>Audited reads are sent to the journal within this time; so much sooner than <see cref="StaleAtMost"/> that a session which is read all the time is confirmed by them, and none of its reads waits.</summary>
    public static readonly TimeSpan RideAtMost = TimeSpan.FromMilliseconds(700);

    /// <summary>That a user's limits followed a decided run reaches the journal within this time: most often with the user's next run.</summary>
    public static readonly TimeSpan FollowAtMost = TimeSpan.FromSeconds(3);

    /// <summary>Between two transfers of what a fund owes one payee, where nothing that is owed is a payment of its own: what comes meanwhile goes with the next.</summary>
    public static readonly TimeSpan PayoutEvery = TimeSpan.FromSeconds(5);

    /// <summary>A refund that finds too little has the payer's fund pay at once, and looks again after this long.</summary>
    public static readonly TimeSpan PaidNowWithin = TimeSpan.FromMilliseconds(500);

    /// <summary>A run begins without a row of its own where the journal has confirmed the session's activation within this time; else its request is appended at once, beside what is asked elsewhere.</summary>
    public static readonly TimeSpan BegunAfterConfirmed = FollowAtMost;

    /// <summary>An entity goes on with what it has begun, without asking the journal, as long as that has confirmed its activation within this time: so long, at most, is a service called by one that has lost its place, for nothing.</summary>
    public static readonly TimeSpan GoesOnAfterConfirmed = TimeSpan.FromSeconds(5);

    /// <summary>How long a request waits for its run before it answers 202.</summary>
    public static readonly TimeSpan RunWait = TimeSpan.FromSeconds(10);

    /// <summary>
    /// A silo or front end whose clock is further from the database's does not start. Calls carry tokens that last five minutes and are renewed after one, Orleans numbers the starts of a silo by its clock, and takes members for
    /// silent by it.
    /// </summary>
    public static readonly TimeSpan ClockApartMost = TimeSpan.FromMinutes(1);

    /// <summary>How often a client of a cluster reads the list of its gateways: it learns of a silo that is gone within this time, and sends again what was under way by the second reading.</summary>
    public static readonly TimeSpan GatewaysReadEvery = TimeSpan.FromMilliseconds(500);

    /// <summary>A client sends nothing to a gateway for so long that did not take a connection, or that said that it stops, though the list still names it.</summary>
    public static readonly TimeSpan GatewayAvoidedFor = TimeSpan.FromSeconds(5);

    /// <summary>How long a process that is told to end waits for requests on connections that are open, before it closes those that are idle.</summary>
    public static readonly TimeSpan DrainAtMost = TimeSpan.FromSeconds(3);

    /// <summary>How long a silo that stops waits until its entities have no step under way, before they are ended all the same.</summary>
    public static readonly TimeSpan SettledWithin = TimeSpan.FromSeconds(5);

    // Tenants for tests.

    /// <summary>Each process looks at a tenant's clock so often, and decides nothing by what it knew before.</summary>
    public static readonly TimeSpan ClockFresh = TimeSpan.FromSeconds(1);

    /// <summary>So much later every process goes by what the clock says: what one was told may itself be a second old (<see cref="StaleAtMost"/>).</summary>
    public static readonly TimeSpan ClockHeardAfter = ClockFresh + StaleAtMost + TimeSpan.FromMilliseconds(100);

    public static readonly TimeSpan ClockStepMost = TimeSpan.FromDays(366);

    /// <summary>Of a generation: by so much its time is ahead of the world's at most.</summary>
    public static readonly TimeSpan ClockAheadMost = TimeSpan.FromDays(3_660);

    public static readonly TimeSpan ClockDay = TimeSpan.FromDays(1);

    /// <summary>Generations begun within a day: each leaves its rows in the journal.</summary>
    public const int ResetsADay = 100;

    /// <summary>Answers of one service there.</summary>
    public const int TestAnswers = 100;

    /// <summary>Of one of them, input and output each, as JSON.</summary>
    public const int TestAnswerBytes = 16 * 1024;

    /// <summary>Alarms that an advance of the clock rings before it is answered; those that are left ring within seconds.</summary>
    public const int ClockAlarms = 1_000;

    /// <summary>So long it rings them at most.</summary>
    public static readonly TimeSpan ClockRingsFor = TimeSpan.FromSeconds(8);

    /// <summary>Of one alarm: so long it is waited for what follows from it elsewhere.</summary>
    public static readonly TimeSpan ClockSettles = TimeSpan.FromSeconds(2);

    // Peers.

    /// <summary>Of an agent's card as it is sent, signature and all.</summary>
    public const int CardCharacters = 16 * 1024;

    /// <summary>Keys that followed one another; each is one signature more to verify when the card is put.</summary>
    public const int CardRotations = 64;

    /// <summary>Of a rotation's or a revocation's signed word.</summary>
    public const int KeyWordCharacters = 1_024;

    public const int CardSkills = 32;

    /// <summary>Tags of one skill, and modes of its input or output.</summary>
    public const int SkillWords = 16;

    public const int CardEndpoints = 8;

    public const int CardVersionMost = 1_000_000_000;

    /// <summary>What one skill weighs among others at most.</summary>
    public const int SkillWeightMost = 1_000;

    public const int LeaseSecondsLeast = 10;

    public const int LeaseSecondsMost = 300;

    /// <summary>Agents of one tenant that are registered: every process has all cards in memory, about 4 KB each, 20 KB at most.</summary>
    public const int CardsOfTenant = 20_000;

    /// <summary>Agents of which one agent wants to hear nothing.</summary>
    public const int BlockedAgents = 1_000;

    /// <summary>Invitations that one agent may have open to agents that never answered it, in all and to one of them; each counts until it is answered, or for so long.</summary>
    public const int OpenInvitations = 256;
    public const int OpenInvitationsOfOne = 8;
    public static readonly TimeSpan InvitationKept = TimeSpan.FromDays(30);

    /// <summary>Reports of one agent that no operator has resolved.</summary>
    public const int OpenReports = 100;

    /// <summary>Agents that an agent is remembered to have been answered by.</summary>
    public const int Acquainted = 1_000;

    /// <summary>A signed request was made at most so long before or after it comes, by the clocks of both.</summary>
    public static readonly TimeSpan SignedApart = TimeSpan.FromSeconds(60);

    /// <summary>Requests of one agent whose nonces are remembered, for twice <see cref="SignedApart"/>: about 10 MB, where an agent signs 800 a second.</summary>
    public const int SignedRequests = 100_000;

    /// <summary>An agent's stream takes so many seconds at once beyond what it was asked for: it writes no more than a row in as many, and after a crash refuses requests for so long.</summary>
    public const int SignedSecondsAhead = 3;

    public const int NonceCharacters = 256;

    /// <summary>Sessions of which a process remembers whose they are: about 300 bytes each.</summary>
    public const int SessionOwners = 50_000;

    // Rewards.

    /// <summary>A claimed reward is held for this long; then, if its task is not done, the campaign has it again.</summary>
    public static readonly TimeSpan ClaimTime = TimeSpan.FromMinutes(15);

    /// <summary>Rewards that one user may have claimed and not earned yet: each keeps a sponsor's money from others.</summary>
    public const int LiveClaims = 32;

    /// <summary>30 days: the longest time in which a sponsor may dispute.</summary>
    public const int PayoutDelaySeconds = 30 * 86_400;

    /// <summary>Rewards that a campaign pays in one decision, and those that it asks about in one; what is left to pay follows at once.</summary>
    public const int RewardsAtOnce = 1_024;

    // Money.

    /// <summary>10¹⁵ micro-dollars: no single amount, limit or sum is larger.</summary>
    public const long MaxMicros = 1_000_000_000_000_000;

    /// <summary>Services, and categories, of which one user may have caps.</summary>
    public const int PartCaps = 32;

    /// <summary>Members that an operator's act tells of the body that asked for it: two of each cap of services and categories, and whatever else there is.</summary>
    public const int ActChanges = 160;

    /// <summary>So long a cap may be raised at once.</summary>
    public static readonly TimeSpan RaiseAtMost = TimeSpan.FromDays(31);

    /// <summary>Of a cap: from so much on, spent and held, whoever spends is warned.</summary>
    public const int WarnAtPercent = 80;

    /// <summary>Of what a campaign was funded with: whoever takes what is left below it, is told so.</summary>
    public const int EscrowLowPercent = 20;

    /// <summary>Transfers that travel to one wallet together.</summary>
    public const int TransferItems = 64;

    /// <summary>Transfers that wait for one wallet, while it is away, before the payer takes no more for it.</summary>
    public const int TransferItemsWaiting = 1_024;

    /// <summary>Days after which sessions may be archived, at most.</summary>
    public const int ArchiveAfterDaysMost = 36_500;

    /// <summary>So long after a wallet was last paid its payer tells it that it may forget the payer: by then whatever was sent is too old to be taken.</summary>
    public static readonly TimeSpan ReleaseAfter = OutcomeKept;

    /// <summary>So long after a wallet was last paid its payer forgets it in turn. Longer than an update of all processes takes: those of the release before forget nobody, and expect the next number.</summary>
    public static readonly TimeSpan PayeeKept = TimeSpan.FromHours(24);

    /// <summary>Wallets that a payer tells so in one decision; the others follow with the next alarm.</summary>
    public const int ReleasesAtOnce = 256;

    /// <summary>A wallet's id: a prefix and the id of whoever owns it.</summary>
    public const int WalletIdLength = IdLength + 32;

    // Sessions.
    public static readonly TimeSpan SessionMaxAge = TimeSpan.FromSeconds(86_400);
    public const int MaxLiveSessions = 1_000;
    public const int LiveSessionsDefault = 5;
    public const int RecentRuns = 10;

    /// <summary>Sessions on a path, the one that auth opened included.</summary>
    public const int TreeDepth = 8;
    public const int LiveChildren = 32;

    /// <summary>Delegated sessions of one user that are live at once: depth and children alone would bound nothing.</summary>
    public const int LiveDelegations = 1_000;

    /// <summary>Of these, so many below sessions of one agent: no agent leaves a user's others none.</summary>
    public const int LiveDelegationsOfAgent = 250;

    /// <summary>Nodes of a tree that are shown at once, those further up first.</summary>
    public const int TreeNodes = 256;

    /// <summary>Runs and tasks of one session that may be under way at once.</summary>
    public const int RunsInFlight = 256;

    /// <summary>Caps that one run can bring near their end: those of the user, of its service and category, and of each session on the path.</summary>
    public const int NearLimits = TreeDepth + 7;

    /// <summary>Decided holds of one session that their nodes may still have to be told of, before it begins no more.</summary>
    public const int HoldsToTell = 1_024;

    /// <summary>An agent that was active within so many days before comes back.</summary>
    public const int ReturnsWithinDays = 7;

    /// <summary>Addresses of one server. A signature is verified against each.</summary>
    public const int PublicUrls = 8;

    /// <summary>How long whoever has signed in at a browser stays so.</summary>
    public static readonly TimeSpan DeskSignedIn = TimeSpan.FromHours(12);

    /// <summary>Characters of a token's subject (OpenID Connect Core 1.0 section 2).</summary>
    public const int SubjectLength = 255;

    /// <summary>Wrong codes of a second factor in a row before it is locked (NIST SP 800-63B-4 section 3.2.2).</summary>
    public const int SecondFactorFailures = 100;

    /// <summary>Sign-ins under one name that are remembered as signed out. One more ends all sign-ins under the name.</summary>
    public const int EndedSignIns = 256;

    /// <summary>How long somebody may take at an issuer's pages to sign in.</summary>
    public static readonly TimeSpan DeskFlow = TimeSpan.FromMinutes(10);

    /// <summary>Characters of the page that whoever signs in is sent back to; a longer one is the overview. Browsers keep cookies of 4,096 bytes (RFC 6265 section 6.1).</summary>
    public const int DeskFlowBack = 1_024;

    /// <summary>How long a link opens a user's pages: a day, a week at most.</summary>
    public const int UserLinkSecondsDefault = 86_400;
    public const int UserLinkSeconds = 7 * 86_400;

    /// <summary>How long a code counts with which a person chooses the password.</summary>
    public static readonly TimeSpan PersonCodeValid = TimeSpan.FromHours(24);

    /// <summary>People who sign in with a password, of a tenant.</summary>
    public const int People = 1_000;

    /// <summary>Of a password, in characters: NIST SP 800-63B section 3.1.1.2 wants 15 where it may stand alone.</summary>
    public const int PasswordLeast = 15;
    public const int PasswordMost = 256;

    /// <summary>Different ones among them.</summary>
    public const int PasswordDistinct = 5;

    /// <summary>Rounds of PBKDF2 with HMAC-SHA512, as OWASP's Password Storage Cheat Sheet has it.</summary>
    public const int PasswordRounds = 210_000;

    /// <summary>Passwords that a process hashes at once: each takes a processor for a tenth of a second or two.</summary>
    public const int PasswordsAtOnce = 1;

    /// <summary>Those that wait for it; further ones are told to come again.</summary>
    public const int PasswordsWaiting = 16;

    /// <summary>How many of these places people and addresses can fill that have never signed in at this process.</summary>
    public const int PasswordsWaitingUnknown = 8;

    /// <summary>How many of these places people can fill who have signed in before, but from other addresses.</summary>
    public const int PasswordsWaitingElsewhere = 12;

    /// <summary>Names that a process remembers as having signed in, and as many addresses.</summary>
    public const int SignedInRemembered = 16_384;

    /// <summary>Those of one address among them.</summary>
    public const int PasswordsOfOne = 3;

    /// <summary>For so long what was read of a person who has signed in is believed: signing out everywhere works within it.</summary>
    public static readonly TimeSpan PersonBelieved = TimeSpan.FromSeconds(1);

    /// <summary>People of whom it is kept, at one process.</summary>
    public const int PeopleBelieved = 1_024;

    /// <summary>Wrong passwords for a name from one address before the next one has to wait.</summary>
    public const int WrongPasswordsAtOnce = 5;

    /// <summary>From then on the wait doubles, from a second up to this.</summary>
    public static readonly TimeSpan WrongPasswordWait = TimeSpan.FromSeconds(60);

    /// <summary>After so long without one it begins anew.</summary>
    public static readonly TimeSpan WrongPasswordsKept = TimeSpan.FromMinutes(15);

    /// <summary>Wrong passwords for a name from all addresses, and how soon there may be one more.</summary>
    public const int WrongPasswordsOfAll = 60;
    public static readonly TimeSpan WrongPasswordEvery = TimeSpan.FromSeconds(20);

    /// <summary>In so many places a process counts them, by name and address, and by name.</summary>
    public const int WrongPasswordPlaces = 65_536;

    /// <summary>Pages that are told at once, at one process, that something changed. For one more, whoever has most is told at one fewer, which shows what was so.</summary>
    public const int DeskWatched = 256;

    /// <summary>Of these for one name.</summary>
    public const int DeskWatchedOfOne = 64;

    /// <summary>All of one tenant's together are read again once in this time, however much is written.</summary>
    public static readonly TimeSpan DeskReadEvery = TimeSpan.FromMilliseconds(500);

    /// <summary>How long a run waits for its user's approval; at most until its session ends.</summary>
    public static readonly TimeSpan ApprovalWait = TimeSpan.FromHours(24);

    /// <summary>Runs of one session that wait for approval at once: each keeps its input.</summary>
    public const int ApprovalsWaiting = 8;

    /// <summary>Runs of one session that ever waited for approval: what became of each is remembered as long as the session lives.</summary>
    public const int ApprovalsRemembered = 256;

    /// <summary>Caps that refused runs of one session and are remembered, so that endpoints are told once a day of each.</summary>
    public const int CapsHit = 32;

    public static readonly TimeSpan Suspension = TimeSpan.FromMinutes(15);
    public static readonly TimeSpan SuspensionMemory = TimeSpan.FromHours(24);

    /// <summary>Inputs remembered for finding duplicates, a session.</summary>
    public const int DuplicateMemory = 256;

    // Shapes of requests.
    public const int BodyBytes = 256 * 1024;

    /// <summary>A body that is refused for its length is read to its end only up to here.</summary>
    public const int RefusedBodyBytes = 16 * BodyBytes;

    /// <summary>Bytes up to which a body takes no place while it is read.</summary>
    public const int SmallBodyBytes = 16 * 1024;

    /// <summary>The least rate, in bytes a second after five seconds, of a body longer than <see cref="BodyBytes"/>, and of an unknown caller's body longer than <see cref="SmallBodyBytes"/>. A slower body is refused, because one that never ends would keep its place for ever.</summary>
    public const int LongBodyRate = 16 * 1024;

    /// <summary>Bytes of the bodies longer than <see cref="SmallBodyBytes"/> that are being read at once: of one session, of one tenant, and at one process.</summary>
    public const long LongBodyBytesOfSession = 16L << 20;
    public const long LongBodyBytesOfTenant = 64L << 20;
    public const long LongBodyBytesOfAll = 128L << 20;

    /// <summary>Bytes that callers make one process hold, of all kinds together. If an eighth of the heap is less, that counts.</summary>
    public const long HeldBytesOfAll = 512L << 20;

    /// <summary>
    /// Bytes of one command or answer between processes: more than any that the other bounds allow, and less than the 100 MiB of Orleans' <c>MaxMessageBodySize</c>. Orleans closes the connection at a longer
    /// message, with all calls on it, and a client sends that message again by the next gateway until the call times out.
    /// </summary>
    public const int EnvelopeBytes = 64 << 20;

    /// <summary>Pages for browsers that one process renders at a time. Further ones wait.</summary>
    public const int PagesRenderedAtOnce = 4;

    /// <summary>A message of the Model Context Protocol: the arguments of one call, and what stands around them.</summary>
    public const int McpMessageBytes = BodyBytes + (16 * 1024);

    /// <summary>Agents' keys of which a process remembers the session in which they call.</summary>
    public const int McpKeysKept = 10_000;

    /// <summary>A call by an agent's key waits so long for the session that another call, maybe in another process, is opening; it looks each <see cref="McpKeyPause"/>.</summary>
    public static readonly TimeSpan McpKeyWait = TimeSpan.FromSeconds(5);

    public static readonly TimeSpan McpKeyPause = TimeSpan.FromMilliseconds(50);

    public const int BodyDepth = 32;
    public const int IdLength = 128;

    /// <summary>Of a tenant's name, which stands in streams' names, tokens and keys.</summary>
    public const int TenantLength = 32;
    public const int NameLength = 200;

    /// <summary>Words with commas between, as a parameter has them.</summary>
    public const int WordsLength = 1_000;
    public const int DescriptionLength = 2_000;
    public const int ReasonLength = 500;
    public const int EndpointLength = 2_048;
    public const int ListItems = 100;
    public const int CampaignServices = 100;
    public const int Attributes = 50;
    public const int AttributeValues = 50;
    public const int IdempotencyKeyLength = 255;

    /// <summary>Characters of one If-Match or If-None-Match: some forty tags of ours.</summary>
    public const int PreconditionLength = 1_024;

    /// <summary>How often a change is made anew of what others have changed meanwhile. Each time one of them was carried out, so as many may come at once.</summary>
    public const int MergesAtMost = 64;
    public const int PageDefault = 50;
    public const int PageMax = 100;

    /// <summary>Rows of a stream that are read for a state that is shown: below a second.</summary>
    public const int StateRows = 100_000;

    /// <summary>Streams of each kind in which the oldest holds are looked for, and holds that are shown.</summary>
    public const int HoldStreams = 25;
    public const int HoldsShown = 50;

    /// <summary>Points of a chart of a process, at most: a day by the quarter of an hour.</summary>
    public const int ActivityPoints = 96;

    /// <summary>For so long a process knows what it did, by the minute.</summary>
    public const int ActivityMinutes = 24 * 60;

    /// <summary>Days of which a tenant's payments are told one by one.</summary>
    public const int DaysShown = 92;

    /// <summary>Days of which a campaign's money is told one by one, and fundings within them that are added up: each is read in the journal.</summary>
    public const int CampaignDays = 30;
    public const int FundingsRead = 100;

    /// <summary>The oldest holds of a tenant are not looked for again sooner.</summary>
    public static readonly TimeSpan HoldsLookedAgain = TimeSpan.FromSeconds(5);

    /// <summary>Events that are shown of one row.</summary>
    public const int RowEvents = 1_000;

    /// <summary>Limits that are shown of one user, its grants' among them.</summary>
    public const int NodeLimits = 500;

    /// <summary>Live sessions in the tree of a user's limits.</summary>
    public const int TreeSessions = 200;

    /// <summary>Of the tree of what a session spent: sessions, those further up first; runs of all of them together, a thousand at a time; and models or services of one node, the dearest first.</summary>
    public const int SpendingNodes = 100;
    public const int SpendingRuns = 20_000;
    public const int SpendingLines = 100;

    /// <summary>Calls of models that are added up for one answer, the newest: a thousand at a time, in a second or two.</summary>
    public const int CallsAddedUp = 100_000;

    public const int OffsetMax = 1_000_000;
    public const int SummaryLength = 200;

    /// <summary>Next actions of one reply, and places in it that hold others' words; what is offered has smaller bounds of its own.</summary>
    public const int NextActions = 32;
    public const int UntrustedFields = 32;

    /// <summary>Completed tasks, and services that can be run, in a session's status.</summary>
    public const int StatusItems = 100;

    /// <summary>What a process says of itself to an operator.</summary>
    public const int Checks = 20;

    /// <summary>Sponsors that are shown of one service.</summary>
    public const int SponsorsShown = 20;

    /// <summary>Steps of a proof: a tree of 2^63 leaves has no longer path.</summary>
    public const int ProofSteps = 63;

    /// <summary>A cursor is at most so long, and so far a list is counted that is not paged by offset.</summary>
    public const int CursorLength = 512;
    public const int Counted = 1_000;

    /// <summary>
    /// Rows of one order that a page of a list looks at for filters that the order does not serve, and that its count looks at: some 20 ms of a store's reader each. Then
    /// the page ends, full or not, and its cursor goes on; the count is not known.
    /// </summary>
    public const int LookedAt = 10_000;

    /// <summary>So many of them are looked at by everybody at once, in some 3 ms: most pages are full by then. The others wait for their turn.</summary>
    public const int LookedAtFirst = 2_000;

    /// <summary>Owners of agents that <c>GET /admin/business</c> counts at most: each costs one read.</summary>
    public const int DevelopersCounted = 200;

    /// <summary>Turns of looking further that one process has at once, each of another tenant: two of SQLite's four readers are left to all else, however many pages wait.</summary>
    public const int LooksAtOnce = 2;

    /// <summary>Pages of one tenant that wait for their turn, and the one that has it: with some 20 ms a look the last waits for a second, and the next is refused.</summary>
    public const int LooksWaiting = 48;

    /// <summary>Trials of services under way at one process: of one tenant's operators (one operator alone has 16 of them), and of all tenants. They share connections with runs.</summary>
    public const int TriesAtOnce = 24;
    public const int TriesAtOnceOfAll = 64;

    /// <summary>Whole lists that one process is sending: to one tenant's operators (4 of them to one operator alone), and to all. Each keeps a page of <see cref="StreamedRows"/> rows, about 2 MB, until it is read.</summary>
    public const int WholeListsAtOnce = 6;
    public const int WholeListsAtOnceOfAll = 32;

    /// <summary>Bytes of replies and of parts of streams that all clients of a process together have not read yet. Small ones are not counted.</summary>
    public const long UnreadBytes = 64L << 20;

    /// <summary>Bytes up to which a reply is small: the server's own buffer of a connection takes it.</summary>
    public const int SmallReplyBytes = 64 * 1024;

    /// <summary>What a search finds at most.</summary>
    public const int SearchResults = 20;

    /// <summary>Characters of what is searched for: the longest that is stored is an Idempotency-Key.</summary>
    public const int SearchLength = IdempotencyKeyLength;

    /// <summary>Fewer first characters of an id find nothing.</summary>
    public const int SearchPrefix = 3;

    /// <summary>Rows that are read at once of a list that is sent whole.</summary>
    public const int StreamedRows = 1_000;

    /// <summary>Campaigns weighed for one run; more are cut off in their order of preference.</summary>
    public const int Candidates = 20;

    // Replays of history under a changed policy.
    public const int PolicyChanges = 20;

    /// <summary>Users whose history one replay reads.</summary>
    public const int ReplayUsers = 10_000;

    /// <summary>Journal rows that one replay reads.</summary>
    public const int ReplayRows = 1_000_000;

    /// <summary>Journal rows of one user and its sessions: one who has more is named, and left out.</summary>
    public const int ReplayUserRows = 200_000;

    /// <summary>Users who are named as left out; the replay ends with the next.</summary>
    public const int ReplayLeftOut = 100;

    /// <summary>After this long a replay begins no other user, and leaves the one under way out of its answer.</summary>
    public static readonly TimeSpan ReplayTime = TimeSpan.FromSeconds(20);

    /// <summary>Refused runs that can be paged over: so many and a page are kept while a replay runs.</summary>
    public const int ReplayOffsetMax = 10_000;

    // Keys that are presented.

    /// <summary>Characters of operators', the platform's and services' keys: 32 hexadecimal digits hold 128 bits, which nobody guesses at any rate.</summary>
    public const int AccessKeyLength = 32;
    public const int AccessKeyLengthMost = 512;

    /// <summary>By so much an issuer's clock may differ from ours.</summary>
    public static readonly TimeSpan TokenClockSkew = TimeSpan.FromSeconds(60);

    /// <summary>An issuer's keys are asked for again when they are older.</summary>
    public static readonly TimeSpan IssuerKeysFresh = TimeSpan.FromMinutes(10);

    /// <summary>How long they count while the issuer cannot be reached.</summary>
    public static readonly TimeSpan IssuerKeysKept = TimeSpan.FromHours(24);

    /// <summary>An issuer is asked no more often, whatever tokens name.</summary>
    public static readonly TimeSpan IssuerAskedAgain = TimeSpan.FromSeconds(5);

    /// <summary>For one of its documents.</summary>
    public static readonly TimeSpan IssuerWait = TimeSpan.FromSeconds(4);

    /// <summary>Issuers that can be believed, and values that one's claim of roles can map.</summary>
    public const int Issuers = 20;
    public const int IssuersRoles = 100;

    /// <summary>Bytes of what an issuer answers to a code: tokens of access and refresh stand beside the one that is read.</summary>
    public const int IssuerTokenBytes = 64 * 1024;

    /// <summary>Codes that a process redeems at a time for addresses with an earlier sign-in, and as many for all others. Anyone who begins a sign-in can make up a code, and each costs a call to the issuer.</summary>
    public const int IssuerCodesAtOnce = 16;

    /// <summary>How many of these one address has.</summary>
    public const int IssuerCodesOfOne = 3;

    /// <summary>Answers of issuers that a process remembers, since each is taken once. An answer is valid for <see cref="DeskFlow"/>.</summary>
    public const int IssuerAnswersTaken = 16_384;

    /// <summary>Characters of a code that an issuer sends, and of the code by which it names what went wrong.</summary>
    public const int IssuerCodeLength = 4_096;
    public const int IssuerErrorLength = 64;

    /// <summary>Wrong keys of one address and minute that are answered without a wait.</summary>
    public const int WrongKeysAtOnce = 5;
    public static readonly TimeSpan WrongKeyWait = TimeSpan.FromSeconds(2);

    /// <summary>Wrong keys that wait for their answer at once, of one address and of all; each holds a connection.</summary>
    public const int WrongKeysWaitingOfOne = 16;
    public const int WrongKeysWaiting = 256;

    /// <summary>Addresses that are told apart within a minute.</summary>
    public const int WrongKeyAddresses = 4_096;

    /// <summary>Lines about wrong keys that the log gets in a minute.</summary>
    public const int WrongKeyLines = 60;

    // Chats with a person in the loop.

    /// <summary>Requests of one chat's key in a minute, and at once, unless it is set otherwise: all that it asks for shares them.</summary>
    public const int GptRateDefault = 120;
    public const int GptRateMost = 1_000_000;

    // Agents.

    /// <summary>Keys of one agent that open anything at once: each is compared with whatever is presented.</summary>
    public const int LiveKeys = 20;

    /// <summary>Telling every user of an agent ends after this, and begins anew with the next alarm.</summary>
    public static readonly TimeSpan EachUserAtMost = TimeSpan.FromMinutes(10);

    /// <summary>Live sessions of an agent that are read, and users that are told, at once when what it may do changes for everybody.</summary>
    public const int UsersAtOnce = 64;

    /// <summary>Keys of the old form, which prove nothing by themselves, that are looked up in the table of agents at once; more are asked to come again.</summary>
    public const int OldKeyLookups = 32;

    // Models.

    /// <summary>Of a request to a model, images included.</summary>
    public const int ModelRequestBytes = RefusedBodyBytes;

    /// <summary>Calls of models that one tenant may have open at once at one process, and all tenants.</summary>
    public const int ModelCallsOpen = 3_000;
    public const int ModelCallsOpenOfAll = 4_000;

    /// <summary>Bytes of requests to models that one process keeps at once.</summary>
    public const long ModelRequestBytesOfAll = 128L << 20;

    /// <summary>Of these, one tenant's, and one session's: the largest answer by vectors has 32 MiB.</summary>
    public const long ModelRequestBytesOfTenant = 64L << 20;
    public const long ModelRequestBytesOfSession = 40L << 20;

    /// <summary>Replies that are kept and read from the journal at once, at one process; who comes besides waits.</summary>
    public const int ModelRepliesRead = 8;

    /// <summary>Characters of one memory.</summary>
    public const int MemoryLength = 4_000;

    /// <summary>Memories that one book takes, and books of one agent's about one user: 10^5 together.</summary>
    public const int MemoriesOfBook = 2_000;
    public const int MemoryBooks = 50;

    /// <summary>Of all that is ever written in one book, edits included: so many are read when it is opened. Half of them are for what is kept, the others for edits.</summary>
    public const long MemoryBookBytes = 16L << 20;

    /// <summary>Characters of what a user says of itself in its preferences.</summary>
    public const int PreferencesAboutLength = 1_000;

    /// <summary>Of all preferences that one user ever puts at one agent, each of which counts so many at least: so many are read when they are looked for first.</summary>
    public const long PreferencesBytes = 1L << 20;
    public const int PreferencesBytesLeast = 512;

    /// <summary>Values of a memory's vector: of today's models few have more than 3,072.</summary>
    public const int MemoryDimensions = 4_096;

    /// <summary>Memories that one search finds, besides those that are pinned, and of these.</summary>
    public const int MemoriesFound = 50;
    public const int MemoriesFoundDefault = 10;
    public const int MemoriesPinnedFound = 50;

    /// <summary>Characters of what is searched for.</summary>
    public const int MemoryQueryLength = 4_000;

    /// <summary>Turns of a chat.</summary>
    public const int ChatTurns = 1_000_000;

    /// <summary>Of the memories' vectors and words that one process has in its memory: with more those that were searched least lately are read anew. What one agent keeps about one user fits.</summary>
    public const long MemoryIndexBytes = 512L << 20;

    /// <summary>Books that are opened at once, at one process.</summary>
    public const int MemoryBooksOpened = 4;

    /// <summary>The same of calls that are made a second time as shadows: places of their own, and few, so that none is taken from whoever waits for an answer.</summary>
    public const int ModelShadowsOpen = 100;
    public const int ModelShadowsOpenOfAll = 400;
    public const long ModelShadowBytesOfAll = 16L << 20;
    public const long ModelShadowBytesOfTenant = 8L << 20;
    public const long ModelShadowBytesOfSession = 4L << 20;

    /// <summary>From the moment at which a model is called to the last word of its answer. A hold stands for so long at most, so this and <see cref="ModelLostAfter"/> end before <see cref="InquiryPutOffAtMost"/>.</summary>
    public static readonly TimeSpan ModelCallAtMost = TimeSpan.FromMinutes(12);

    /// <summary>What a request would read is counted within this, or not at all.</summary>
    public static readonly TimeSpan ModelCountAtMost = TimeSpan.FromSeconds(30);

    /// <summary>Whoever calls a model says so again after this, as long as it does.</summary>
    public static readonly TimeSpan ModelCallTold = TimeSpan.FromSeconds(8);

    /// <summary>Whoever has said nothing for so long is gone, and what it may have spent is posted: what was held.</summary>
    public static readonly TimeSpan ModelLostAfter = TimeSpan.FromSeconds(25);

    /// <summary>An owner of a hold for a model's call is asked again after this.</summary>
    public const int ModelCallOpenSeconds = 60;

    /// <summary>Whoever is refused only because others hold what they may not spend waits so long at the limit, where it says nothing else; and at most.</summary>
    public static readonly TimeSpan RoomWait = TimeSpan.FromSeconds(3);
    public static readonly TimeSpan RoomWaitAtMost = TimeSpan.FromSeconds(20);

    /// <summary>Whoever is refused by a session's own budget, and whose user is asked to raise it, waits so long for the answer, where it says nothing else; and at most.</summary>
    public static readonly TimeSpan RaiseWait = TimeSpan.FromSeconds(30);
    public static readonly TimeSpan RaiseWaitAtMost = TimeSpan.FromMinutes(5);

    /// <summary>Calls of a tenant that wait for that at one process, and of all; and what their requests have of the memory: more are refused at once.</summary>
    public const int RaiseWaiters = 100;
    public const int RaiseWaitersOfAll = 400;
    public const long RaiseWaiterBytesOfSession = 4L << 20;
    public const long RaiseWaiterBytesOfTenant = 8L << 20;
    public const long RaiseWaiterBytesOfAll = 16L << 20;

    /// <summary>How often it looks for that, and how soon another try may find it.</summary>
    public static readonly TimeSpan RaiseLooked = TimeSpan.FromSeconds(1);
    public const int RaiseRetrySeconds = 60;

    /// <summary>Timers are coarser than clocks: one that rang before its time would tell nobody, and rings no more.</summary>
    public static readonly TimeSpan RoomLookedLater = TimeSpan.FromMilliseconds(20);

    /// <summary>Whoever was let in has so long to ask.</summary>
    public static readonly TimeSpan RoomKept = TimeSpan.FromMilliseconds(500);

    /// <summary>Who may wait at one limit at once.</summary>
    public const int RoomWaiters = 256;

    /// <summary>Models that metrics tell apart at one process; the rest are one.</summary>
    public const int ModelsMeasured = 200;

    /// <summary>How soon a model begins is the median of its last answers: of so many, none older than this. One that nobody calls any more because it was slow is tried again after that.</summary>
    public const int FirstTimesKept = 64;
    public static readonly TimeSpan FirstTimeKept = TimeSpan.FromMinutes(5);

    /// <summary>Models of all tenants of which one process knows that; of more, those that were called last.</summary>
    public const int FirstTimesOfModels = 1_000;

    /// <summary>Versions of a model's prices, past ones included.</summary>
    public const int PriceVersions = 100;

    /// <summary>Models that may be called in another's place.</summary>
    public const int ModelFallbacks = 4;

    /// <summary>A reply answers equal requests for so long at most: a week.</summary>
    public const int CacheSeconds = 7 * 24 * 3600;

    /// <summary>A reply that is longer answers no other request, as bytes of JSON: events, or base64 of vectors.</summary>
    public const int CachedReplyBytes = 256 << 10;

    /// <summary>Who asks what is being asked waits for that answer so long; then it calls by itself.</summary>
    public static readonly TimeSpan CachedWait = TimeSpan.FromMinutes(2);

    /// <summary>Rules of one router.</summary>
    public const int RouteRules = 32;

    /// <summary>Rates of one version: tiers, and bounds of long contexts.</summary>
    public const int RatesOfVersion = 32;

    /// <summary>Micro-dollars for a million tokens: 100,000 dollars.</summary>
    public const long RateMicros = 100_000_000_000;

    /// <summary>Tokens that one image may count.</summary>
    public const int ImageTokens = 100_000;

    // Services.
    public const int ServiceTimeoutMs = 20_000;
    public const int ServiceTimeoutMsDefault = 10_000;

    /// <summary>Nesting depth of an output. A reply adds up to 8 levels around it (a tool's result at /mcp has 4), and JSON readers accept 64 by default.</summary>
    public const int OutputDepth = 56;

    /// <summary>Failed runs in a row that disable a service, as one process sees them.</summary>
    public const int FailuresThatDisable = 10;

    /// <summary>Of these, so many of one user count, and so many of one agent: neither one user's agents nor what one agent sends for many users can take a service from all others.</summary>
    public const int FailuresOfOne = 4;

    /// <summary>As <see cref="FailuresThatDisable"/>, of a service on trial; one of each user and of each agent counts.</summary>
    public const int FailuresOnTrial = 3;

    /// <summary>After a run that its service failed whoever is told to try again is told to wait so long.</summary>
    public static readonly TimeSpan TryServiceAgainAfter = TimeSpan.FromSeconds(5);

    /// <summary>How long a disabled service rests the first time; each further time, unless it stayed enabled for <see cref="ServiceTrial"/>, twice as long.</summary>
    public static readonly TimeSpan ServicePause = TimeSpan.FromMinutes(1);
    public static readonly TimeSpan ServicePauseLongest = TimeSpan.FromHours(1);

    /// <summary>How long a service that was enabled again by itself is on trial.</summary>
    public static readonly TimeSpan ServiceTrial = TimeSpan.FromHours(1);

    // Webhooks.

    /// <summary>Endpoints of one tenant.</summary>
    public const int Webhooks = 20;

    /// <summary>From the connection to the answer's status, of one delivery.</summary>
    public static readonly TimeSpan WebhookTimeout = TimeSpan.FromSeconds(15);

    /// <summary>Pages of agents' inboxes that a process has in memory to post them, each for as long as its receiver takes: of some MiB. With more the next one comes a moment later.</summary>
    public const int InboxPostsAtOnce = 128;

    /// <summary>Of an answer so many first bytes are kept.</summary>
    public const int WebhookAnswerBytes = 256;

    /// <summary>Subjects of one endpoint that are told something at once.</summary>
    public const int WebhookCallsAtOnce = 16;

    /// <summary>Journal rows that are read at once to be told, and bytes of them.</summary>
    public const int WebhookRows = 256;
    public const int WebhookBytes = 1 << 20;

    /// <summary>The time between two reads at the end of the feed, which all endpoints of a process share. Each read costs the store the same and returns all rows that came meanwhile.</summary>
    public static readonly TimeSpan WebhookPace = TimeSpan.FromMilliseconds(100);

    /// <summary>Subjects of one endpoint that wait for another try before nothing new is read for it. What waits stays in the journal; here stands where. Those of the window that was being told come on top.</summary>
    public const int WebhookWaiting = 256;

    /// <summary>What was told in one go of a subject that had waited, before it is noted.</summary>
    public const int WebhookCatchUp = 64;

    /// <summary>How long whoever follows the journal waits for something to tell; a definition that changed is heard at once.</summary>
    public static readonly TimeSpan WebhookPatience = TimeSpan.FromSeconds(5);

    /// <summary>After a look that failed, and between two looks at what waits where nothing new is read.</summary>
    public static readonly TimeSpan WebhookRest = TimeSpan.FromSeconds(1);

    /// <summary>All that one window may take: each of its rows is another subject whose tries hang.</summary>
    public static readonly TimeSpan WebhookWindowAtMost = TimeSpan.FromMinutes(10);

    /// <summary>From each try of an event to the next; the last one repeats.</summary>
    public static readonly IReadOnlyList<TimeSpan> WebhookPauses =
        [TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(30), TimeSpan.FromHours(1)];

    /// <summary>So long an event is tried.</summary>
    public static readonly TimeSpan WebhookTriedFor = TimeSpan.FromHours(24);

    /// <summary>After so many failures in a row an endpoint counts as down: in the window under way nothing more is tried, and its first success makes due all that waits.</summary>
    public const int WebhookDown = 16;

    /// <summary>Rows that were passed over without a word before the place is noted: so many are looked at again after a crash.</summary>
    public const int WebhookPassed = 10_000;

    /// <summary>Deliveries of one endpoint that are listed.</summary>
    public const int WebhookDeliveries = 1_000;

    /// <summary>Secrets of one endpoint that sign at once, and how long a former one does at most.</summary>
    public const int WebhookSecrets = 3;
    public const int WebhookOverlapSeconds = 7 * 86_400;

    /// <summary>What operators have sent to one endpoint, one by one, and that is under way.</summary>
    public const int WebhookSends = 16;

    /// <summary>Rows' times are not in the feed's order: a replay of a span ends so long behind it.</summary>
    public static readonly TimeSpan WebhookReplayMargin = TimeSpan.FromSeconds(10);

    /// <summary>How often each process sees to it that every endpoint, and every upstream, is at work.</summary>
    public static readonly TimeSpan WokenEvery = TimeSpan.FromSeconds(10);

    /// <summary>Endpoints that a process wakes in one round: of more each is woken later by so many rounds as there are thousands.</summary>
    public const int WokenAtOnce = 1_000;

    // Upstreams.

    /// <summary>Of one tenant: each is asked for its list by itself.</summary>
    public const int Upstreams = 50;

    /// <summary>A part of the name of each of its tools, which clients take up to <see cref="ToolNameLength"/>.</summary>
    public const int UpstreamIdLength = 24;
    public const int ToolNameLength = 64;
    public const int UpstreamInstances = 8;

    /// <summary>Tools that one upstream may offer, pages in which it lists them, and bytes of all that is kept of them.</summary>
    public const int UpstreamTools = 128;
    public const int UpstreamPages = 32;
    public const int UpstreamOfferBytes = 256 * 1024;

    /// <summary>Tools of one upstream that are approved, also those that it offers no more.</summary>
    public const int UpstreamApproved = 256;

    /// <summary>Of a tool's description, as an operator looks at it; agents are shown the first <see cref="DescriptionLength"/>.</summary>
    public const int ToolDescriptionLength = 8_000;

    /// <summary>Commands of operators that wait for one upstream's list.</summary>
    public const int UpstreamAsked = 8;

    /// <summary>From one reading of an upstream's list to the next; twice as long each time it was another than before, up to the longest.</summary>
    public static readonly TimeSpan UpstreamPause = TimeSpan.FromMinutes(1);
    public static readonly TimeSpan UpstreamPauseLongest = TimeSpan.FromHours(1);

    /// <summary>After an upstream said that its list changed, where it was read a moment ago; doubled as <see cref="UpstreamPause"/> is.</summary>
    public static readonly TimeSpan UpstreamHeardPause = TimeSpan.FromSeconds(2);

    /// <summary>All pages of a list together, from whichever instance gives them.</summary>
    public static readonly TimeSpan UpstreamListAtMost = TimeSpan.FromSeconds(60);

    /// <summary>Of one answer of an upstream, with whatever it tells before: a result may say the same twice, as text and structured.</summary>
    public const int UpstreamAnswerBytes = 4 << 20;

    /// <summary>Values in one message of an upstream, names of members included: one of more is not read. A message of 4 MiB could have two million, each of 24 bytes where it is parsed and kept.</summary>
    public const int UpstreamValues = 256 * 1024;

    /// <summary>Bytes that are read of the notifications of an upstream (its list changed) within <see cref="RunDeadline"/>.</summary>
    public const int UpstreamHeardBytes = 256 * 1024;

    /// <summary>Messages of an upstream beside the answer that is waited for: of one exchange over HTTP, or of a process from one answer to the next. Each costs time, and one that cannot be read the most.</summary>
    public const int UpstreamMessages = 20_000;

    /// <summary>Requests of an upstream to its client that are being answered at a time: what it asks beyond is not answered.</summary>
    public const int UpstreamAsks = 16;

    /// <summary>Of the output of a tool's run, as of any service's.</summary>
    public const int ToolOutputBytes = 1 << 20;

    /// <summary>UTF-16 units of a failed tool's own words that are stored and shown. The rest is cut off.</summary>
    public const int ToolFailureLength = 2_000;

    /// <summary>Notes of progress that are passed on of one run; what comes after them is dropped.</summary>
    public const int ProgressNotes = 1_000;

    /// <summary>Tools of upstreams on one page of /mcp's list.</summary>
    public const int McpToolsPage = 100;

    /// <summary>A local upstream's process that ended is started again after so long; each further time after twice as long.</summary>
    public static readonly TimeSpan CommandRestartFirst = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan CommandRestartLongest = TimeSpan.FromMinutes(1);

    /// <summary>A process that nobody asks anything for so long is ended: its list is read more often as long as its upstream is followed.</summary>
    public static readonly TimeSpan CommandIdle = UpstreamPauseLongest + UpstreamPause;

    /// <summary>Of what it writes to stderr: lines of so many characters, and so many a minute.</summary>
    public const int CommandLogLine = 500;
    public const int CommandLogLines = 20;

    // Following what happens.

    /// <summary>How long a request for events waits at most: less than what proxies let pass without an answer.</summary>
    public const int EventsWaitSeconds = 20;

    /// <summary>Requests that wait for events at one process: of one tenant (one operator alone has 8 of them), and of all. Each follows the journal by itself.</summary>
    public const int EventsFollowed = 12;
    public const int EventsFollowedByAll = 128;

    // Payments by x402.

    public const int FacilitatorAnswerBytes = 64 * 1024;

    /// <summary>An authorization must be valid for this much longer: a run (<see cref="RunVoidedAfter"/>), its settlement, and the 6 s that facilitators keep for a block.</summary>
    public static readonly TimeSpan PaymentTimeLeft = TimeSpan.FromSeconds(52);

    /// <summary>An authorization ends within this time, so that what was paid need not be remembered for ever to be refused a second time.</summary>
    public static readonly TimeSpan PaymentValidAtMost = TimeSpan.FromHours(24);
    public static readonly TimeSpan VerifyDeadline = TimeSpan.FromSeconds(8);

    /// <summary>As <see cref="ReserveDeadline"/>, with a payment that has yet to be verified.</summary>
    public static readonly TimeSpan PresentDeadline = VerifyDeadline + TimeSpan.FromSeconds(2);

    /// <summary>Of one round of attempts; a settlement without a known outcome is asked for again by an alarm.</summary>
    public static readonly TimeSpan SettleDeadline = TimeSpan.FromSeconds(20);

    /// <summary>Rounds of attempts without an outcome that follow each other at once; after them the session's alarm asks again.</summary>
    public const int SettlementsInARow = 3;

    /// <summary>So long after an authorization's end a facilitator that still cannot say whether it was settled never will.</summary>
    public static readonly TimeSpan SettlementMargin = TimeSpan.FromSeconds(60);

    /// <summary>A payment presented again has its outcome for this long after its authorization's end.</summary>
    public static readonly TimeSpan PaymentKept = TimeSpan.FromHours(24);

    /// <summary>Characters of a transaction's hash: 0x and 32 bytes in hexadecimal digits.</summary>
    public const int TxHashLength = 66;

    /// <summary>Payments of one payer that wait for an operator to say how they ended, before no more of that payer are taken.</summary>
    public const int UnresolvedPayments = 1_000;

    /// <summary>Broken places of one round that the log gets; the metric has them all.</summary>
    public const int BrokenPlacesLogged = 100;

    /// <summary>So often at most a server begins to verify the whole journal.</summary>
    public static readonly TimeSpan VerifiedAgain = TimeSpan.FromHours(1);

    /// <summary>So many rows a second a server may be told to verify.</summary>
    public const int VerifiedRowsMost = 100_000;

    /// <summary>Nothing may keep a hold open for longer; one that is is a fault, and an alarm.</summary>
    public static readonly TimeSpan HoldOverdue = TimeSpan.FromMinutes(17);

    /// <summary>So often metrics look up how many of them there are.</summary>
    public static readonly TimeSpan UnresolvedLookedUp = TimeSpan.FromSeconds(30);

    /// <summary>Idempotency keys live this long after the session's end, or an operator's use.</summary>
    public static readonly TimeSpan ClientKeyKept = TimeSpan.FromHours(24);
}
